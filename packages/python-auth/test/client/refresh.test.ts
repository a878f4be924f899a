import { createAuthFetch } from "@bymax-one/python-auth/client";
import { describe, expect, test, vi } from "vitest";
import { eventually } from "../eventually.ts";
import { gate } from "../gate.ts";
import { EXPIRED, refusal, serving } from "../serving.ts";
import { stopTheClock } from "../stopped-clock.ts";
import { expiring, REFRESH } from "./expiring.ts";

stopTheClock();

describe("an expired access token", () => {
  test.each([2, 5, 20])("is refreshed once for %i requests at a time", async (howMany) => {
    const server = await expiring();
    const fetched = createAuthFetch({ baseUrl: server.url, refreshEndpoint: server.url + REFRESH });
    const answers = await Promise.all(
      Array.from({ length: howMany }, (_, number) => fetched(`/data/${number}`)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(howMany).fill(200));
    expect(server.count(REFRESH)).toBe(1);
  });

  test("is refreshed again when it expires again", async () => {
    const server = await expiring();
    const fetched = createAuthFetch({ baseUrl: server.url, refreshEndpoint: server.url + REFRESH });
    await fetched("/one");
    server.expire();
    expect((await fetched("/two")).status).toBe(200);
    expect(server.count(REFRESH)).toBe(2);
  });

  test("is posted without a body, to the endpoint below the base or where it is rooted", async () => {
    const server = await expiring();
    await createAuthFetch({ baseUrl: server.url, refreshEndpoint: REFRESH.slice(1) })("/data");
    expect(server.received[1]).toMatchObject({ method: "POST", path: REFRESH, body: "" });
    expect(server.received[1]?.headers["content-type"]).toBe("application/json");
    // Without a page a rooted address has no server; below the base it would have found one.
    const failed = vi.fn();
    server.expire();
    await createAuthFetch({ baseUrl: server.url, refreshEndpoint: REFRESH, onRefreshFailed: failed })(
      "/data",
    );
    await createAuthFetch({ baseUrl: server.url, onRefreshFailed: failed })("/data");
    expect(failed).toHaveBeenCalledTimes(2);
    expect(failed).toHaveBeenCalledWith({ ok: false, reason: "unreachable", status: null });
    expect(server.count(REFRESH)).toBe(1);
  });

  test("repeats a request once, with its body, and returns a second refusal", async () => {
    const server = await serving(({ path }) => (path === REFRESH ? { status: 204 } : EXPIRED));
    const fetched = createAuthFetch({ refreshEndpoint: server.url + REFRESH });
    const answer = await fetched(`${server.url}/data`, { method: "POST", body: "kept" });
    expect(answer.status).toBe(401);
    expect(server.received.map(({ body, path }) => [path, body])).toEqual([
      ["/data", "kept"],
      [REFRESH, ""],
      ["/data", "kept"],
    ]);
  });

  test("of a request that left before the last refresh ended costs no other refresh", async () => {
    const slow = gate();
    const server = await expiring({
      refused: async ({ path }) => {
        if (path === "/slow") await slow.opened;
        return EXPIRED;
      },
    });
    const fetched = createAuthFetch({ baseUrl: server.url, refreshEndpoint: server.url + REFRESH });
    const late = fetched("/slow");
    await eventually(() => expect(server.count("/slow")).toBe(1));
    expect((await fetched("/quick")).status).toBe(200);
    slow.open();
    expect((await late).status).toBe(200);
    expect(server.count(REFRESH)).toBe(1);
  });
});

describe("a refusal that no refresh can help", () => {
  test.each(["login", "refresh", "platform/me", "mfa/challenge"])("is returned: %s", async (path) => {
    const server = await expiring();
    const fetched = createAuthFetch({ refreshEndpoint: server.url + REFRESH, routePrefix: "/v1/auth/" });
    const answer = await fetched(`${server.url}/v1/auth/${path}?x=1#y`, { method: "POST" });
    expect(await answer.json()).toMatchObject({ error: { code: "auth.token_invalid" } });
    expect(server.count(REFRESH)).toBe(0);
  });

  test.each([
    { error: { code: "auth.invalid_credentials", message: "no" } },
    { code: "auth.mfa_invalid_code" },
  ])("is returned: %j", async (json) => {
    const server = await expiring({ refused: () => ({ status: 401, json }) });
    const answer = await createAuthFetch({ refreshEndpoint: server.url + REFRESH })(`${server.url}/data`);
    expect(await answer.json()).toEqual(json);
    expect(server.count(REFRESH)).toBe(0);
  });

  test.each([
    refusal(403, "auth.forbidden"),
    refusal(429, "auth.too_many_requests"),
    refusal(503, "auth.overloaded", { retryAfterSeconds: 3 }),
  ])("is returned, and its request not sent again: $status", async (reply) => {
    const server = await expiring({ refused: () => reply });
    const told = vi.fn();
    const callbacks = { onRefreshFailed: told, onSessionExpired: told };
    const answer = await createAuthFetch({ refreshEndpoint: server.url + REFRESH, ...callbacks })(
      `${server.url}/data`,
    );
    expect(await answer.json()).toEqual(reply.json);
    expect(server.received).toHaveLength(1);
    expect(told).not.toHaveBeenCalled();
  });

  test("is returned where the body is gone once it was sent", async () => {
    const server = await expiring();
    const fetched = createAuthFetch({ refreshEndpoint: server.url + REFRESH });
    const stream = new Blob(["x"]).stream();
    const streamed: RequestInit & { duplex: "half" } = { method: "POST", body: stream, duplex: "half" };
    const asRequest = new Request(`${server.url}/b`, { method: "POST", body: "x" });
    expect((await fetched(`${server.url}/a`, streamed)).status).toBe(401);
    expect((await fetched(asRequest)).status).toBe(401);
    // Some browsers do not show the body of a request.
    const hidden = new Request(`${server.url}/c`, { method: "POST", body: "x" });
    Object.defineProperty(hidden, "body", { value: undefined });
    expect((await fetched(hidden)).status).toBe(401);
    expect(server.count(REFRESH)).toBe(0);
  });

  test.each(["GET", "HEAD"])("does not concern a Request without a body: %s", async (method) => {
    const server = await expiring();
    const fetched = createAuthFetch({ refreshEndpoint: server.url + REFRESH });
    const hidden = new Request(`${server.url}/a`, { method });
    Object.defineProperty(hidden, "body", { value: undefined });
    expect((await fetched(hidden)).status).toBe(200);
    expect((await fetched(new Request(`${server.url}/b`, { method }))).status).toBe(200);
  });
});

test.each<[string | undefined, string | undefined, number]>([
  ["has_session", "theme=dark", 0],
  ["has_session", "", 0],
  ["has_session", "theme=dark; has_session=1", 1],
  ["has_session", "__Host-has_session=1", 1],
  // A server that renders pages has no document.
  ["has_session", undefined, 1],
  [undefined, "theme=dark", 1],
])("with the signal %j and the cookies %j of the page, %i refreshes are sent", async (name, cookie, sent) => {
  vi.stubGlobal("document", cookie === undefined ? undefined : { cookie });
  const told = vi.fn();
  const server = await expiring();
  const config = name === undefined ? {} : { sessionSignalName: name };
  const callbacks = { onRefreshFailed: told, onSessionExpired: told };
  const fetched = createAuthFetch({ ...config, ...callbacks, refreshEndpoint: server.url + REFRESH });
  expect((await fetched(`${server.url}/data`)).status).toBe(sent === 0 ? 401 : 200);
  expect(server.count(REFRESH)).toBe(sent);
  expect(told).not.toHaveBeenCalled();
  vi.unstubAllGlobals();
});

test("an address that only the application's own fetch can read may be refreshed", async () => {
  const answers = [401, 204, 200];
  const own = vi.fn(async () => new Response(null, { status: answers.shift() ?? 500 }));
  vi.stubGlobal("fetch", own);
  try {
    expect((await createAuthFetch({ refreshEndpoint: "http://x.test" })("http://[")).status).toBe(200);
  } finally {
    vi.unstubAllGlobals();
  }
});

describe("a 401 without a code is taken for an expiry", () => {
  test.each([
    ["text", "no"],
    ["nothing", ""],
    ["null", "null"],
    ["another envelope", '{"detail":"no"}'],
    ["a code that is a number", '{"error":{"code":1},"code":2}'],
  ])("as %s", async (_kind, text) => {
    const server = await expiring({ refused: () => ({ status: 401, text }) });
    const answer = await createAuthFetch({ refreshEndpoint: server.url + REFRESH })(`${server.url}/data`);
    expect(answer.status).toBe(200);
  });

  test("also when its body does not arrive within two seconds", async () => {
    let isFresh = false;
    const server = await serving(({ path }, response) => {
      if (path === REFRESH) {
        isFresh = true;
        return { status: 204 };
      }
      if (isFresh) return { json: {} };
      response.writeHead(401).write('{"error":');
      return undefined;
    });
    const pending = createAuthFetch({ refreshEndpoint: server.url + REFRESH, timeout: 0 })(
      `${server.url}/data`,
    );
    await eventually(() => expect(vi.getTimerCount()).toBe(1));
    await vi.advanceTimersByTimeAsync(1999);
    expect(server.count(REFRESH)).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect((await pending).status).toBe(200);
  });
});
