import { createSilentRefreshHandler } from "@bymax-one/python-auth/nextjs";
import { describe, expect, test } from "vitest";
import { serving } from "../serving.ts";
import { type Asked, CLEARED, COOKIES, refreshing, request, storedNowhere, VERDICTS } from "./handlers.ts";

const PATH = "/api/auth/silent-refresh";
const FRAMED = { "sec-fetch-dest": "iframe" };

async function ask(apiBase: string, query = "", asked: Asked = {}, config: object = {}): Promise<Response> {
  const answer = await createSilentRefreshHandler({ apiBase, ...config })(request(PATH + query, asked));
  expect(storedNowhere(answer)).toBe(true);
  return answer;
}

describe("a silent refresh that succeeds", () => {
  test.each([
    ["?redirect=%2Fdashboard%3Fa%3D1%26_r%3D1%23x", "/dashboard?a=1&_r=1#x"],
    ["?redirectTo=%2Fdashboard", "/dashboard"],
    ["?redirect=%2Fa&redirectTo=%2Fb", "/a"],
    ["?redirect=https%3A%2F%2Fevil.test", "/login"],
    ["?redirect=%2F%2Fevil.test", "/login"],
    ["?redirect=%2F..%2F%2Fevil.test", "/login"],
    ["?redirect=", "/login"],
    ["", "/login"],
  ])("with %s goes to %s", async (query, location) => {
    const { url } = await refreshing();
    const answer = await ask(url, query);
    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toBe(location);
  });

  test.each([
    ["?redirect=/api/auth/silent-refresh?redirect=/api/auth/silent-refresh?redirect=/a", undefined],
    ["?redirect=/api/auth/silent-refresh/", undefined],
    ["?redirect=%2Fapi%2F..%2Fapi%2Fauth%2Fsilent-refresh%23x", undefined],
    ["?redirect=/app/api/auth/silent-refresh?redirect=/app", "/app"],
  ])("sends nobody to itself, which would refresh again: %s", async (query, basePath = "") => {
    const { url } = await refreshing();
    const silent = createSilentRefreshHandler({ apiBase: url });
    const asked = basePath === "" ? {} : { basePath };
    const answer = await silent(request(basePath + PATH + query, asked));
    expect(answer.headers.get("location")).toBe(`${basePath}/login`);
  });

  test("sends the browser's cookies and relays the server's, each once", async () => {
    const { url, received } = await refreshing();
    const headers = {
      cookie: "refresh_token=a; other=b",
      "user-agent": "Browser/1",
      authorization: "Bearer x",
    };
    const answer = await ask(`${url}//`, "?redirect=/a", { headers });
    expect(answer.headers.getSetCookie()).toEqual(COOKIES.slice(1));
    expect(received).toHaveLength(1);
    expect(received[0]).toMatchObject({ method: "POST", path: "/auth/refresh", body: "" });
    expect(received[0]?.headers).toMatchObject({
      cookie: "refresh_token=a; other=b",
      accept: "application/json",
      "user-agent": "Browser/1",
    });
    expect(received[0]?.headers.authorization).toBeUndefined();
    expect(received[0]?.headers["x-forwarded-for"]).toBeUndefined();
  });

  test("moves the refresh cookie to where the handlers are", async () => {
    const { url } = await refreshing();
    const answer = await ask(url, "", {}, { refreshCookiePath: "/api/auth" });
    const [access, refresh] = answer.headers.getSetCookie();
    expect(access).toBe(COOKIES[1]);
    expect(refresh).toContain("; Path=/api/auth;");
    expect(refresh).not.toContain("Path=/auth");
  });

  test.each([
    [{ routePrefix: "/v1/auth/" }, "/v1/auth/refresh"],
    [{ routePrefix: "" }, "/refresh"],
    [{ routePrefix: "x", refreshPath: "/a/b" }, "/a/b"],
  ])("asks where the server is: %j", async (config, path) => {
    const { url, received } = await refreshing();
    await ask(url, "", {}, config);
    expect(received.map((seen) => seen.path)).toEqual([path]);
  });

  test.each([
    ["203.0.113.7", "203.0.113.7"],
    ["2001:db8::1", "2001:db8::1"],
    ["203.0.113.7, 10.0.0.1", undefined],
    ["unknown", undefined],
  ])("says %s is the caller's address: %s", async (written, said) => {
    const { url, received } = await refreshing();
    const headers = { "x-real-ip": written, "x-forwarded-for": "198.51.100.1" };
    await ask(url, "", { headers }, { clientIpHeader: "x-real-ip" });
    expect(received[0]?.headers["x-forwarded-for"]).toBe(said);
  });

  test("stays below the application's base path", async () => {
    const { url } = await refreshing();
    const answer = await createSilentRefreshHandler({ apiBase: url })(
      request(`/app${PATH}?redirect=//evil.test`, { basePath: "/app" }),
    );
    expect(answer.headers.get("location")).toBe("/app/login");
  });
});

describe("a silent refresh that fails", () => {
  test.each(VERDICTS)("with $what goes to the login page as $kind", async ({ reply, kind }) => {
    const { url } = await serving(() => reply);
    const answer = await ask(url, "?redirect=/dashboard", {}, { loginPath: "/sign-in?lang=pt#f" });
    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toBe(`/sign-in?lang=pt&reason=${kind}#f`);
    expect(answer.headers.getSetCookie()).toEqual(kind === "expired" ? CLEARED : []);
  });

  test("because nobody answers is unavailable", async () => {
    const answer = await ask("http://127.0.0.1:1");
    expect(answer.headers.get("location")).toBe("/login?reason=unavailable");
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  test("because the server is too slow is unavailable", async () => {
    const { url } = await serving(() => undefined);
    const answer = await ask(url, "", {}, { timeoutMs: 50 });
    expect(answer.headers.get("location")).toBe("/login?reason=unavailable");
  });

  test("clears the cookies as they were set", async () => {
    const { url } = await serving(() => ({ status: 401 }));
    const config = {
      refreshCookiePath: "/x",
      cookieDomain: ".app.test",
      cookieNames: { access: "a", refresh: "r" },
    };
    const answer = await ask(url, "", { origin: "http://app.test" }, config);
    expect(answer.headers.getSetCookie()).toEqual([
      "a=; Path=/; Domain=.app.test; Max-Age=0; HttpOnly; SameSite=Strict",
      "r=; Path=/x; Domain=.app.test; Max-Age=0; HttpOnly; SameSite=Strict",
      "has_session=; Path=/; Domain=.app.test; Max-Age=0; HttpOnly; SameSite=Strict",
    ]);
  });
});

describe("cookies with a prefix of their name", () => {
  const cookieNames = {
    access: "__Host-access_token",
    refresh: "__Secure-refresh_token",
    hasSession: "__Host-has_session",
  };

  test.each(["http://app.test", "https://app.test"])(
    "are cleared as a browser accepts it, also by a process that does not know of TLS: %s",
    async (origin) => {
      const { url } = await serving(() => ({ status: 401 }));
      const config = { cookieNames, cookieDomain: "app.test", refreshCookiePath: "/api/auth" };
      const answer = await ask(url, "", { origin }, config);
      expect(answer.headers.getSetCookie()).toEqual([
        "__Host-access_token=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict",
        "__Secure-refresh_token=; Path=/api/auth; Domain=app.test; Max-Age=0; HttpOnly; Secure; SameSite=Strict",
        "__Host-has_session=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict",
      ]);
    },
  );

  test("are cleared at the one path that a host's refresh cookie has", async () => {
    const { url } = await serving(() => ({ status: 401 }));
    const answer = await ask(url, "", {}, { cookieNames: { refresh: "__Host-refresh_token" } });
    expect(answer.headers.getSetCookie()).toEqual([
      "access_token=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict",
      "__Host-refresh_token=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict",
      "has_session=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict",
    ]);
  });
});

describe("who may start a silent refresh", () => {
  const page = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };

  test.each(["same-origin", "none"])("is this origin: %s", async (site) => {
    const { url, received } = await refreshing();
    const answer = await ask(url, "?redirect=/a", { headers: { "sec-fetch-site": site, ...page } });
    expect(answer.headers.get("location")).toBe("/a");
    expect(received).toHaveLength(1);
  });

  test.each(["cross-site", "same-site", "other"])("is not another site's script: %s", async (site) => {
    const { url, received } = await refreshing();
    for (const rest of [{}, { "sec-fetch-mode": "navigate", ...FRAMED }, { "sec-fetch-dest": "document" }]) {
      const answer = await ask(url, "?mode=iframe", { headers: { "sec-fetch-site": site, ...rest } });
      expect(answer.status).toBe(403);
      expect(await answer.text()).toBe("");
    }
    expect(received).toHaveLength(0);
  });

  test.each(["cross-site", "same-site"])(
    "is another site's link, asked again from here: %s",
    async (site) => {
      const { url, received } = await refreshing();
      const answer = await ask(url, "?redirect=/a", { headers: { "sec-fetch-site": site, ...page } });
      expect(answer.status).toBe(200);
      expect(await answer.text()).toBe('<!doctype html><meta http-equiv="refresh" content="0">');
      expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
      expect(answer.headers.get("content-security-policy")).toBe("default-src 'none'");
      expect(received).toHaveLength(0);
    },
  );

  test("is no prefetch", async () => {
    const { url, received } = await refreshing();
    const answer = await ask(url, "", { headers: { "sec-purpose": "prefetch;prerender" } });
    expect(answer.status).toBe(403);
    expect(received).toHaveLength(0);
  });

  test.each(["POST", "PUT", "DELETE"])("is no %s", async (method) => {
    const { url, received } = await refreshing();
    const answer = await ask(url, "", { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe("GET, HEAD");
    expect(received).toHaveLength(0);
  });

  test("is a HEAD, as a GET", async () => {
    const { url } = await refreshing();
    expect((await ask(url, "?redirect=/a", { method: "HEAD" })).headers.get("location")).toBe("/a");
  });
});

describe("a silent refresh in a frame", () => {
  const title = async (answer: Response) => {
    expect(answer.status).toBe(200);
    expect(answer.headers.get("location")).toBeNull();
    expect(answer.headers.get("x-frame-options")).toBe("SAMEORIGIN");
    expect(answer.headers.get("content-security-policy")).toBe("default-src 'none'; frame-ancestors 'self'");
    expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
    return /<title>(.*)<\/title>/.exec(await answer.text())?.[1];
  };

  test("says ok, with the cookies", async () => {
    const { url } = await refreshing();
    const answer = await ask(url, "?redirect=/a", {
      headers: { "sec-fetch-site": "same-origin", ...FRAMED },
    });
    expect(answer.headers.getSetCookie()).toHaveLength(3);
    expect(await title(answer)).toBe("ok");
  });

  test.each(VERDICTS)("says $kind after $what", async ({ reply, kind }) => {
    const { url } = await serving(() => reply);
    const answer = await ask(url, "?mode=iframe");
    expect(answer.headers.getSetCookie()).toEqual(kind === "expired" ? CLEARED : []);
    expect(await title(answer)).toBe(kind);
  });
});
