import { createAuthProxy, resolveSafeDestination } from "@bymax-one/python-auth/nextjs";
import { describe, expect, test } from "vitest";
import { headerValue } from "../../src/nextjs/identity-headers.ts";
import { accessToken, ask, done, forwarded, ORIGIN, ROUTES, requestTo } from "./visits.ts";

const IN = { access: {} };

describe("the address of the login page", () => {
  test.each([
    ["/sign-in?lang=pt#form", "307 /sign-in?lang=pt&redirectTo=%2Fdashboard#form"],
    ["/sign-in", "307 /sign-in?redirectTo=%2Fdashboard"],
  ])("%s keeps its query and fragment", async (loginPath, expected) => {
    expect(done(await ask("/dashboard", {}, { loginPath }))).toBe(expected);
  });

  test("says under another name, or not at all, where to come back to", async () => {
    expect(done(await ask("/dashboard", {}, { redirectParam: "next" }))).toBe("307 /login?next=%2Fdashboard");
    expect(done(await ask("/dashboard", {}, { redirectParam: false }))).toBe("307 /login");
  });

  test("is absolute, because Next reads it without a base", async () => {
    const answer = await ask("/dashboard");
    expect(answer.headers.get("location")).toBe(`${ORIGIN}/login?redirectTo=%2Fdashboard`);
  });
});

describe("a start page", () => {
  test.each(["//evil.test", "https://evil.test", "/\\evil.test", "dashboard", "/a\tb", 5])(
    "that leaves the origin is the root: %s",
    async (path) => {
      const getDefaultDashboard = () => path as string;
      expect(done(await ask("/login", IN, { getDefaultDashboard }))).toBe("307 /");
      expect(done(await ask("/admin", IN, { getDefaultDashboard }))).toBe("307 /?error=forbidden");
    },
  );

  test("that is the current page shows it", async () => {
    const getDefaultDashboard = () => "/login";
    expect(done(await ask("/login", IN, { getDefaultDashboard }))).toBe("next");
    expect(done(await ask("/login/", IN, { getDefaultDashboard }))).toBe("next");
  });

  test("that is forbidden to its own role ends there", async () => {
    const getDefaultDashboard = () => "/admin";
    expect(done(await ask("/admin", IN, { getDefaultDashboard }))).toBe("403");
  });
});

describe("an application below a base path", () => {
  const visit = { basePath: "/app" };

  test("is left for no page", async () => {
    expect(done(await ask("/app/dashboard?x=1", visit))).toBe(
      "307 /app/login?redirectTo=%2Fdashboard%3Fx%3D1",
    );
    expect(done(await ask("/app/dashboard", { ...visit, hasSession: true }))).toBe(
      `307 /app/api/auth/silent-refresh?redirect=${encodeURIComponent("/app/dashboard?_r=1")}`,
    );
    expect(done(await ask("/app/login", { ...visit, ...IN }))).toBe("307 /app/dashboard/member");
    expect(done(await ask("/app/admin", { ...visit, ...IN }))).toBe(
      "307 /app/dashboard/member?error=forbidden",
    );
    expect(done(await ask("/app/dashboard?_r=1", { ...visit, ...IN }))).toBe("307 /app/dashboard");
  });

  test("comes back to its root", async () => {
    const config = { defaultAccess: "protected", publicRoutes: [] } as const;
    expect(done(await ask("/app", visit, config))).toBe("307 /app/login?redirectTo=%2F");
  });
});

test.each(["/dashboard", "/about"])(
  "a refresh that never helps ends at the login page: %s",
  async (start) => {
    const { proxy } = createAuthProxy(ROUTES);
    const visited = [];
    let path = start;
    for (let hop = 0; hop < 20; hop += 1) {
      const answer = await proxy(requestTo(path, { access: "refused", hasSession: true }));
      visited.push(path);
      const location = answer.headers.get("location");
      if (location === null) break;
      const url = new URL(location);
      const back = url.searchParams.get("redirect");
      // What the handler does with a backend that sets a cookie which the proxy then refuses.
      path = back === null ? url.pathname + url.search : resolveSafeDestination(back, ORIGIN, "/login");
    }
    expect(visited.length).toBeLessThan(6);
    expect(visited.at(-1)).toContain(start === "/dashboard" ? "/login?reason=expired" : "/about?_r=2");
  },
);

describe("a page that is shown", () => {
  test("is kept by no cache and by no other session when it is protected", async () => {
    const { headers } = await ask("/dashboard", IN);
    expect(headers.get("cache-control")).toBe("private, no-store");
    expect(headers.get("vary")).toBe("Cookie");
  });

  test("is cached as it says itself when it is public", async () => {
    const { headers } = await ask("/about", IN);
    expect(headers.get("cache-control")).toBeNull();
    expect(headers.get("vary")).toBeNull();
  });

  test("is told who is signed in", async () => {
    const answer = await ask("/dashboard", { access: { tenantDomain: "acme.test" } });
    const told = (name: string) => forwarded(answer, name);
    expect(told("x-user-id")).toBe("u_1");
    expect(told("x-user-role")).toBe("member");
    expect(told("x-tenant-id")).toBe("t_1");
    expect(told("x-user-tenant-id")).toBe("t_1");
    expect(told("x-tenant-domain")).toBe("acme.test");
    expect(told("x-user-status")).toBe("ACTIVE");
    expect(told("cookie")).toContain("access_token=");
  });

  test("is told so under other names", async () => {
    const userHeaders = { userId: "x-id", role: "x-role" };
    const answer = await ask(
      "/dashboard",
      { ...IN, headers: { "x-id": "forged", "x-user-id": "forged" } },
      { userHeaders },
    );
    expect(forwarded(answer, "x-id")).toBe("u_1");
    expect(forwarded(answer, "x-role")).toBe("member");
    expect(forwarded(answer, "x-user-id")).toBeNull();
  });

  test("is told a role in any letters", async () => {
    const answer = await ask("/dashboard", { access: { role: "адм", tenantDomain: "a\r\nx-user-id: b\0" } });
    expect(forwarded(answer, "x-user-role")).toBe(encodeURIComponent("адм"));
    expect(forwarded(answer, "x-tenant-domain")).toBe("ax-user-id: b");
  });

  test.each(["/about", "/other", "/api/auth/me", "/dashboard"])(
    "does not hear from the browser who is signed in: %s",
    async (path) => {
      const names = [
        "x-user-id",
        "x-user-role",
        "x-tenant-id",
        "x-tenant-domain",
        "x-user-tenant-id",
        "x-user-status",
      ];
      const forged = Object.fromEntries([...names, "x-own"].map((name) => [name, "forged"]));
      const answer = await ask(
        path,
        { headers: { ...forged, cookie: `access_token=${accessToken({ tenantDomain: "" })}` } },
        { userHeaders: { tenantDomain: "x-own" } },
      );
      expect(done(answer)).toBe("next");
      for (const name of [...names, "x-own"]) expect(forwarded(answer, name)).not.toBe("forged");
      expect(forwarded(answer, "x-own")).toBeNull();
    },
  );
});

test.each([
  [undefined, ""],
  [5, ""],
  ["a b~", "a b~"],
  ["a\tb", "a%09b"],
  ["\ud800", ""],
])("the claim %j is told as %j", (claim, expected) => {
  expect(headerValue(claim)).toBe(expected);
});
