import {
  createAuthForwardHandler,
  createClientRefreshHandler,
  createLogoutHandler,
  createSilentRefreshHandler,
} from "@bymax-one/python-auth/nextjs";
import { afterEach, describe, expect, test, vi } from "vitest";
import { serving } from "../serving.ts";
import { refreshing, request } from "./handlers.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const FACTORIES = [
  ["createSilentRefreshHandler", createSilentRefreshHandler],
  ["createClientRefreshHandler", createClientRefreshHandler],
  ["createLogoutHandler", createLogoutHandler],
  ["createAuthForwardHandler", createAuthForwardHandler],
] as [string, (config: object) => unknown][];

describe.each(FACTORIES)("%s", (name, create) => {
  const made = (config: object) => () => create({ apiBase: "https://api.test", ...config });

  test.each([undefined, "", "api.test", "ftp://api.test", "/api", "https://", "javascript:alert(1)"])(
    "makes no handler for the server %s",
    (apiBase) => {
      expect(() => create({ apiBase })).toThrow(`${name}: apiBase must be an absolute address`);
    },
  );

  test("takes the server under either name and not under both", () => {
    expect(create({ backendUrl: "http://api.test/" })).toBeDefined();
    expect(made({ backendUrl: "http://api.test" })).toThrow(/backendUrl is another name of apiBase/);
  });

  test.each(["refresh", "/a/../b", "/a?b", "/a#b", "/a\\b", "/a\r", "/a\n", "/a\0", ""])(
    "makes no handler for the server's path %j",
    (path) => {
      expect(made({ refreshPath: path })).toThrow(/refreshPath/);
      expect(made({ logoutPath: path })).toThrow(/logoutPath/);
    },
  );

  test.each([
    { cookieNames: { access: "a=b" } },
    { refreshCookiePath: "auth" },
    { refreshCookiePath: "/api/auth", cookieNames: { refresh: "__Host-refresh_token" } },
    { refreshCookiePath: "/a;b" },
    { refreshCookiePath: "/ü" },
    { cookieDomain: "a..b" },
    { cookieDomain: "-a" },
    { cookieDomain: "a;b" },
    { cookieDomain: "" },
    { loginPath: "//login" },
    { clientIpHeader: "a b" },
    { tenantHeader: "" },
    { timeoutMs: 0 },
    { timeoutMs: 1.5 },
    { timeoutMs: 2 ** 31 },
  ])("makes no handler with %j", (config) => {
    expect(made(config)).toThrow(new RegExp(`^${name}: `));
  });

  test.each([{ cookieDomain: ".app.test" }, { cookieDomain: "app-1.test" }, { refreshCookiePath: "/" }])(
    "makes a handler with %j",
    (config) => {
      expect(made(config)()).toBeDefined();
    },
  );
});

test("a logout that redirects needs to be told where", () => {
  const config = { apiBase: "https://api.test", mode: "redirect" } as unknown as { apiBase: string };
  expect(() => createLogoutHandler(config)).toThrow('createLogoutHandler: mode "redirect" needs a loginPath');
});

describe("during a build", () => {
  test("a handler without a server is made, and answers 500 with a reason in the log", async () => {
    vi.stubEnv("NEXT_PHASE", "phase-production-build");
    const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const handler = createClientRefreshHandler({ apiBase: undefined });
    const answer = await handler(request("/api/auth/client-refresh", { method: "POST" }));
    expect(answer.status).toBe(500);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(String(logged.mock.calls[0]?.[0])).toContain("createClientRefreshHandler: apiBase");
  });

  test("a handler with a wrong server is not made", () => {
    vi.stubEnv("NEXT_PHASE", "phase-production-build");
    expect(() => createClientRefreshHandler({ apiBase: "api" })).toThrow(/apiBase/);
    expect(() => createClientRefreshHandler({ backendUrl: "api" })).toThrow(/apiBase/);
  });
});

describe("the forward handler", () => {
  const forward = async (url: string, path: string[], asked = {}, config = {}, search = "") => {
    const method = ((asked as { method?: string }).method ?? "GET") as "GET" | "POST" | "DELETE";
    const handlers = createAuthForwardHandler({ apiBase: url, ...config });
    return handlers[method](request(`/api/auth/x${search}`, asked), { params: Promise.resolve({ path }) });
  };

  test("passes on a request with the headers that the server needs", async () => {
    const { url, received } = await serving(() => ({ status: 201, json: { a: 1 } }));
    const passed = {
      cookie: "access_token=a",
      "content-type": "application/json",
      accept: "application/json",
      "accept-language": "pt",
      authorization: "Bearer x",
      "user-agent": "Browser/1",
      origin: "https://app.test",
      "sec-fetch-site": "cross-site",
      "x-request-id": "id-1",
      "x-tenant-id": "acme",
    };
    const dropped = {
      "x-user-id": "forged",
      "x-forwarded-for": "1.2.3.4",
      "x-forwarded-host": "evil",
      forwarded: "x",
    };
    const answer = await forward(
      url,
      ["sessions", "a b/c"],
      { method: "POST", headers: { ...passed, ...dropped, "cf-ip": "203.0.113.7" }, body: '{"b":2}' },
      { clientIpHeader: "cf-ip" },
      "?q=%20x",
    );
    expect(answer.status).toBe(201);
    expect(await answer.json()).toEqual({ a: 1 });
    expect(received[0]).toMatchObject({
      method: "POST",
      path: "/auth/sessions/a%20b%2Fc?q=%20x",
      body: '{"b":2}',
    });
    expect(received[0]?.headers).toMatchObject({ ...passed, "x-forwarded-for": "203.0.113.7" });
    for (const name of ["x-user-id", "x-forwarded-host", "forwarded", "cf-ip"]) {
      expect(received[0]?.headers[name]).toBeUndefined();
    }
  });

  test.each([
    ["a page, which must not read tokens", { "sec-fetch-mode": "cors" }, "cookie"],
    ["a page that chooses", { "sec-fetch-mode": "cors", "x-auth-delivery": "bearer" }, "bearer"],
    ["another client", {}, undefined],
  ])("says how the tokens are delivered to %s", async (_whom, headers, delivery) => {
    const { url, received } = await serving(() => ({ json: {} }));
    await forward(url, ["login"], { method: "POST", headers });
    expect(received[0]?.headers["x-auth-delivery"]).toBe(delivery);
  });

  test.each([
    [{ tenantHeader: "x-org", routePrefix: "" }, "/me"],
    [{ tenantHeader: "x-org", routePrefix: "v1/auth" }, "/v1/auth/me"],
  ])("asks where the server is: %j", async (config, path) => {
    const { url, received } = await serving(() => ({ status: 204 }));
    const answer = await forward(url, ["me"], { method: "DELETE", headers: { "x-org": "acme" } }, config);
    expect(answer.status).toBe(204);
    expect(received[0]).toMatchObject({ method: "DELETE", path });
    expect(received[0]?.headers["x-org"]).toBe("acme");
  });

  test("answers as the server does, cookies one by one", async () => {
    const { url } = await serving((_request, response) => {
      response.writeHead(302, {
        location: "https://accounts.test/o?a=b",
        "set-cookie": ["refresh_token=a; Path=/auth", "b=1; Expires=Wed, 09 Jun 2027 10:18:14 GMT"],
        "cache-control": "public, max-age=60",
        "x-request-id": "id-2",
        "keep-alive": "timeout=9",
      });
      response.end();
      return undefined;
    });
    const answer = await forward(url, ["oauth", "google"], {}, { refreshCookiePath: "/api/auth" });
    expect(answer.status).toBe(302);
    expect(answer.headers.get("location")).toBe("https://accounts.test/o?a=b");
    expect(answer.headers.get("x-request-id")).toBe("id-2");
    expect(answer.headers.getSetCookie()).toEqual([
      "refresh_token=a; Path=/api/auth",
      "b=1; Expires=Wed, 09 Jun 2027 10:18:14 GMT",
    ]);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("cdn-cache-control")).toBe("no-store");
    for (const name of ["keep-alive", "connection", "transfer-encoding", "content-length"]) {
      expect(answer.headers.get(name)).toBeNull();
    }
  });

  test("keeps a refusal and for how long to wait", async () => {
    const refused = {
      error: { code: "auth.overloaded", message: "busy", details: { retryAfterSeconds: 1 } },
    };
    const { url } = await serving(() => ({
      status: 503,
      json: refused,
      headers: { "retry-after": "1", "cache-control": "private, no-cache" },
    }));
    const answer = await forward(url, ["me"]);
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("1");
    expect(answer.headers.get("cache-control")).toBe("private, no-cache");
    expect(await answer.json()).toEqual(refused);
  });

  test.each([[[]], [["."]], [["a", ".."]], [["a", "", "b"]], [["a", "../b"]], [["a\\.."]], [["a/./b"]]])(
    "has no path %j",
    async (path) => {
      const { url, received } = await refreshing();
      expect((await forward(url, path as string[])).status).toBe(404);
      expect(received).toHaveLength(0);
    },
  );

  test("has no path without segments", async () => {
    const { GET } = createAuthForwardHandler({ apiBase: "https://api.test" });
    const answer = await GET(request("/api/auth"), { params: Promise.resolve({ path: undefined }) });
    expect(answer.status).toBe(404);
  });

  test("takes a body of 1 MiB and no more", async () => {
    const { url, received } = await serving(() => ({ json: {} }));
    const most = { method: "POST", body: "x".repeat(1024 * 1024) };
    expect((await forward(url, ["login"], most)).status).toBe(200);
    expect(received[0]?.body.length).toBe(1024 * 1024);
    expect((await forward(url, ["login"], { ...most, body: `${most.body}x` })).status).toBe(413);
    expect(received).toHaveLength(1);
  });

  test("answers 503 when nobody answers", async () => {
    const answer = await forward("http://127.0.0.1:1", ["me"]);
    expect(answer.status).toBe(503);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(await answer.json()).toMatchObject({ error: { code: "auth.unavailable", details: null } });
  });
});
