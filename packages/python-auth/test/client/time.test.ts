import { createAuthFetch } from "@bymax-one/python-auth/client";
import { afterEach, describe, expect, test, vi } from "vitest";
import { eventually } from "../eventually.ts";
import { gate } from "../gate.ts";
import { type Served, serving } from "../serving.ts";
import { expiring, heldRefresh, REFRESH } from "./expiring.ts";

const silent = (): Promise<Served> => serving(() => undefined);

const any = AbortSignal.any;
afterEach(() => {
  vi.restoreAllMocks();
  AbortSignal.any = any;
});

describe.each([true, false])("where the platform joins signals: %s", (joins) => {
  const prepare = (): void => {
    if (!joins) Reflect.set(AbortSignal, "any", undefined);
  };

  test("a request without an answer in time fails with a TimeoutError", async () => {
    prepare();
    const { url } = await silent();
    const { signal } = new AbortController();
    await expect(createAuthFetch({ timeout: 100 })(url, { signal })).rejects.toMatchObject({
      name: "TimeoutError",
    });
    await expect(createAuthFetch({ timeout: 100 })(url)).rejects.toMatchObject({ name: "TimeoutError" });
  });

  test("a request ends when its caller aborts it, with the caller's reason", async () => {
    prepare();
    const server = await silent();
    const fetched = createAuthFetch();
    const aborting = new AbortController();
    const pending = fetched(server.url, { signal: aborting.signal });
    const ofRequest = new AbortController();
    const asRequest = fetched(new Request(server.url, { signal: ofRequest.signal }));
    await eventually(() => expect(server.received).toHaveLength(2));
    aborting.abort(new Error("enough"));
    ofRequest.abort();
    await expect(pending).rejects.toThrow("enough");
    await expect(asRequest).rejects.toMatchObject({ name: "AbortError" });
  });

  test("a request that was aborted before is not sent", async () => {
    prepare();
    const server = await silent();
    const signal = AbortSignal.abort(new Error("before"));
    await expect(createAuthFetch()(server.url, { signal })).rejects.toThrow("before");
    expect(server.received).toHaveLength(0);
  });

  test("an answered request leaves no timer and no listener behind", async () => {
    prepare();
    const { url } = await serving(() => ({ json: {} }));
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, "addEventListener");
    const removed = vi.spyOn(signal, "removeEventListener");
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      await createAuthFetch()(url, { signal });
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
    if (!joins) expect(removed.mock.calls).toEqual(expect.arrayContaining(added.mock.calls.slice(0, 1)));
  });
});

// A timer takes no longer delay than 2147483647 ms: with one it would fire at once.
test.each([
  [0, 0],
  [-1, 0],
  [Number.NaN, 0],
  [Number.POSITIVE_INFINITY, 0],
  [2 ** 31, 0],
  [2 ** 31 - 1, 1],
])("a timeout of %d ms starts %i timers", async (timeout, timers) => {
  const answered = gate();
  const server = await serving(async () => {
    await answered.opened;
    return { json: {} };
  });
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const fetched = createAuthFetch({ timeout });
    const pending = [new AbortController().signal, null].map((signal) => fetched(server.url, { signal }));
    await eventually(() => expect(server.received).toHaveLength(2));
    expect(vi.getTimerCount()).toBe(2 * timers);
    answered.open();
    expect((await Promise.all(pending)).map(({ status }) => status)).toEqual([200, 200]);
  } finally {
    vi.useRealTimers();
  }
});

describe("a caller who leaves during a refresh", () => {
  test.each(["resolves", "fails"])("hears of it at once, and the others when it %s", async (end) => {
    const { asked, answered, refresh } = heldRefresh(end === "resolves" ? 204 : 500);
    const server = await expiring({ refresh });
    const fetched = createAuthFetch({ refreshEndpoint: server.url + REFRESH });
    const leaving = new AbortController();
    const left = fetched(`${server.url}/left`, { signal: leaving.signal });
    const other = fetched(`${server.url}/other`, { signal: new AbortController().signal });
    await asked.opened;
    await eventually(() => expect([server.count("/left"), server.count("/other")]).toEqual([1, 1]));
    leaving.abort(new Error("enough"));
    await expect(left).rejects.toThrow("enough");
    answered.open();
    expect((await other).status).toBe(end === "resolves" ? 200 : 401);
    expect([server.count("/left"), server.count(REFRESH)]).toEqual([1, 1]);
  });

  test("starts none while the answer is being read", async () => {
    const reading = gate();
    const { clone } = Response.prototype;
    vi.spyOn(Response.prototype, "clone").mockImplementation(function (this: Response) {
      reading.open();
      return clone.call(this);
    });
    const server = await serving(({ path }, response) => {
      if (path !== REFRESH) response.writeHead(401).write("{");
      return undefined;
    });
    const fetched = createAuthFetch({ refreshEndpoint: server.url + REFRESH });
    const leaving = new AbortController();
    const left = fetched(`${server.url}/left`, { signal: leaving.signal });
    await reading.opened;
    leaving.abort(new Error("enough"));
    await expect(left).rejects.toThrow("enough");
    expect(server.count(REFRESH)).toBe(0);
  });
});
