import { createAuthFetch } from "@bymax-one/python-auth/client";
import { describe, expect, test } from "vitest";
import { type Served, serving } from "../serving.ts";

const answering = (): Promise<Served> => serving(() => ({ json: {} }));

describe("the address of a request", () => {
  test.each([
    ["https://x.test", "me"],
    ["https://x.test///", "/me"],
  ])("is %s with %s below it, and one slash between", async (_base, path) => {
    const { url, received } = await answering();
    await createAuthFetch({ baseUrl: `${url}//` })(path);
    expect(received[0]?.path).toBe("/me");
  });

  test("stays as it is when it names its server", async () => {
    const { url, received } = await answering();
    const fetched = createAuthFetch({ baseUrl: "http://127.0.0.1:9/base" });
    await fetched(`${url}/a`);
    await fetched(new URL(`${url}/b`));
    await fetched(new Request(`${url}/c`));
    expect(received.map(({ path }) => path)).toEqual(["/a", "/b", "/c"]);
  });

  test("without a base is the caller's own", async () => {
    const { url, received } = await answering();
    await createAuthFetch()(`${url}/plain`);
    await createAuthFetch({ baseUrl: "" })(`${url}/empty`);
    expect(received.map(({ path }) => path)).toEqual(["/plain", "/empty"]);
  });

  test("that cannot be read rejects as fetch does", async () => {
    await expect(createAuthFetch()("/relative")).rejects.toThrow(TypeError);
  });
});

describe("the headers of a request", () => {
  test("say JSON unless something else is given", async () => {
    const { url, received } = await answering();
    await createAuthFetch()(url);
    await createAuthFetch({ defaultHeaders: { "content-type": "text/plain", "x-app": "1" } })(url);
    expect(received[0]?.headers["content-type"]).toBe("application/json");
    expect(received[1]?.headers).toMatchObject({ "content-type": "text/plain", "x-app": "1" });
  });

  test.each<[string, HeadersInit]>([
    ["an object", { "X-App": "call" }],
    ["pairs", [["X-App", "call"]]],
    ["Headers", new Headers({ "X-App": "call" })],
  ])("of a call win over the defaults, as %s", async (_kind, headers) => {
    const { url, received } = await answering();
    await createAuthFetch({ defaultHeaders: { "x-app": "default", "x-kept": "1" } })(url, { headers });
    expect(received[0]?.headers).toMatchObject({ "x-app": "call", "x-kept": "1" });
  });

  test.each<[string, HeadersInit]>([
    ["an object", JSON.parse('{"__proto__":"1","Constructor":"1","x-ok":"1"}')],
    [
      "pairs",
      [
        ["__proto__", "1"],
        ["PROTOTYPE", "1"],
        ["x-ok", "1"],
      ],
    ],
    ["Headers", new Headers({ constructor: "1", prototype: "1", "x-ok": "1" })],
  ])("never name what JavaScript gives a meaning, from %s", async (_kind, headers) => {
    const { url, received } = await answering();
    await createAuthFetch()(url, { headers });
    const names = Object.keys(received[0]?.headers ?? {});
    expect(names).toContain("x-ok");
    expect(names).not.toEqual(expect.arrayContaining([expect.stringMatching(/proto|constructor/)]));
  });

  test("of a Request are below those of the call, and above the defaults", async () => {
    const { url, received } = await answering();
    const request = new Request(url, {
      method: "POST",
      body: "text",
      headers: { "content-type": "text/csv", "x-a": "request", "x-b": "request" },
    });
    await createAuthFetch({ defaultHeaders: { "x-a": "default" } })(request, { headers: { "x-b": "call" } });
    expect(received[0]).toMatchObject({ method: "POST", body: "text" });
    expect(received[0]?.headers).toMatchObject({
      "content-type": "text/csv",
      "x-a": "request",
      "x-b": "call",
    });
  });

  test.each<[string, BodyInit, RegExp | undefined]>([
    ["a form", new FormData(), /^multipart\/form-data; boundary=/],
    ["parameters", new URLSearchParams("a=1"), /^application\/x-www-form-urlencoded/],
    ["a file", new Blob(["x"], { type: "image/png" }), /^image\/png$/],
    ["bytes", new Uint8Array(1), undefined],
    ["a buffer", new ArrayBuffer(1), undefined],
    ["text", "{}", /^application\/json$/],
  ])("leave the type of %s to the platform", async (_kind, body, type) => {
    const { url, received } = await answering();
    await createAuthFetch()(url, { method: "POST", body });
    const sent = received[0]?.headers["content-type"];
    if (type === undefined) expect(sent).toBeUndefined();
    else expect(sent).toMatch(type);
  });
});
