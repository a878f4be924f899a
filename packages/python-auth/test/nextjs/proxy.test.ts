import { createAuthProxy } from "@bymax-one/python-auth/nextjs";
import { describe, expect, test } from "vitest";
import { PLATFORM_CLAIMS } from "../edge/tokens.ts";
import { ask, BACKGROUND, done, EXPIRED_TIMES, ROUTES, requestTo, type Visit } from "./visits.ts";

const IN: Visit = { access: {} };
const EXPIRED: Visit = { access: EXPIRED_TIMES };
const REFRESHABLE: Visit = { hasSession: true };
const refresh = (back: string) => `307 /api/auth/silent-refresh?redirect=${encodeURIComponent(back)}`;
const login = (back: string, reason?: string) =>
  `/login?${reason === undefined ? "" : `reason=${reason}&`}redirectTo=${encodeURIComponent(back)}`;

type Row = [what: string, path: string, visit: Visit, expected: string];

const ROWS: Row[] = [
  ["a handler, signed out", "/api/auth/me", {}, "next"],
  ["a handler, refreshable", "/api/auth/silent-refresh", REFRESHABLE, "next"],
  ["a login page, signed in", "/login", IN, "307 /dashboard/member"],
  ["a login page with a reason, signed in", "/login?reason=x", IN, "next"],
  ["a login page in the background, signed in", "/login", { ...IN, headers: BACKGROUND }, "next"],
  ["a POST to a login page, signed in", "/login", { ...IN, method: "POST" }, "next"],
  ["a public page, signed in", "/about", IN, "next"],
  ["a public page with the counter, signed in", "/about?_r=1&a=%20b", IN, "307 /about?a=%20b"],
  ["a public page, signed out", "/about", {}, "next"],
  ["a public page, refreshable", "/about?x=1", REFRESHABLE, refresh("/about?x=1&_r=1")],
  [
    "HEAD of a public page, refreshable",
    "/about",
    { ...REFRESHABLE, method: "HEAD" },
    refresh("/about?_r=1"),
  ],
  ["a POST to a public page, refreshable", "/about", { ...REFRESHABLE, method: "POST" }, "next"],
  ["a public page in the background, refreshable", "/about", { ...REFRESHABLE, headers: BACKGROUND }, "next"],
  ["a public page after too many refreshes", "/about?_r=2", REFRESHABLE, "next"],
  ["a public page whose refresh was refused", "/login?reason=expired", REFRESHABLE, "next"],
  ["a public page whose refresh was not answered", "/login?reason=unavailable", REFRESHABLE, "next"],
  ["a public page with another reason", "/login?reason=x", REFRESHABLE, refresh("/login?_r=1")],
  ["a page that no list names, signed out", "/other", {}, "next"],
  ["a page in the background, signed out", "/dashboard", { headers: BACKGROUND }, "401"],
  ["a page in the background, refreshable", "/dashboard", { ...REFRESHABLE, headers: BACKGROUND }, "401"],
  [
    "an action in the background, signed out",
    "/dashboard",
    { method: "POST", headers: { "next-action": "a" } },
    "401",
  ],
  ["a POST, signed out", "/dashboard", { method: "POST" }, `303 ${login("/dashboard")}`],
  [
    "a POST, refreshable",
    "/dashboard",
    { ...REFRESHABLE, method: "POST" },
    `303 ${login("/dashboard", "expired")}`,
  ],
  ["a page, signed out", "/dashboard/a?x=1", {}, `307 ${login("/dashboard/a?x=1")}`],
  ["a page, refreshable", "/dashboard/a?x=1", REFRESHABLE, refresh("/dashboard/a?x=1&_r=1")],
  [
    "a page, expired and refreshable",
    "/dashboard",
    { ...EXPIRED, ...REFRESHABLE },
    refresh("/dashboard?_r=1"),
  ],
  ["a page after one refresh", "/dashboard?_r=1", REFRESHABLE, refresh("/dashboard?_r=2")],
  ["a page with a counter below zero", "/dashboard?_r=-5", REFRESHABLE, refresh("/dashboard?_r=1")],
  ["a page with a counter that is none", "/dashboard?_r=1e9", REFRESHABLE, refresh("/dashboard?_r=1")],
  ["a page after two refreshes", "/dashboard?_r=2", REFRESHABLE, `307 ${login("/dashboard", "expired")}`],
  [
    "a page with a huge counter",
    `/dashboard?_r=${"9".repeat(400)}`,
    REFRESHABLE,
    `307 ${login("/dashboard", "expired")}`,
  ],
  [
    "a page whose refresh was refused",
    "/dashboard?reason=expired",
    REFRESHABLE,
    `307 ${login("/dashboard", "expired")}`,
  ],
  [
    "a page after two refreshes, with a bad cookie alone",
    "/dashboard?_r=2",
    EXPIRED,
    `307 ${login("/dashboard", "expired")}`,
  ],
  ["a page, expired and not refreshable", "/dashboard", EXPIRED, `307 ${login("/dashboard")}`],
  ["a page, with a cookie that is no token", "/dashboard", { access: "x" }, `307 ${login("/dashboard")}`],
  [
    "a page, with a banned user",
    "/dashboard",
    { access: { status: "BANNED" } },
    `307 ${login("/dashboard", "banned")}`,
  ],
  [
    "a page in the background, with a banned user",
    "/dashboard",
    { access: { status: "BANNED" }, headers: BACKGROUND },
    "403",
  ],
  [
    "a POST, with a banned user",
    "/dashboard",
    { access: { status: "BANNED" }, method: "POST" },
    `303 ${login("/dashboard", "banned")}`,
  ],
  ["a page of another role", "/admin/x", IN, "307 /dashboard/member?error=forbidden"],
  ["a page of another role in the background", "/admin", { ...IN, headers: BACKGROUND }, "403"],
  [
    "a POST to a page of another role",
    "/admin",
    { ...IN, method: "POST" },
    "303 /dashboard/member?error=forbidden",
  ],
  ["a page of another role with a place to go", "/staff", IN, "307 /help?from=staff&error=forbidden#top"],
  ["a page of another role, sent there", "/admin?error=forbidden", IN, "403"],
  ["a page of no role", "/nobody", { access: { role: "admin" } }, "307 /dashboard/admin?error=forbidden"],
  ["a page with the counter", "/dashboard?a=1&_r=1&reason=x", IN, "307 /dashboard?a=1&reason=x"],
  ["a page with the counter in the background", "/dashboard?_r=1", { ...IN, headers: BACKGROUND }, "next"],
  ["a POST to a page with the counter", "/dashboard?_r=1", { ...IN, method: "POST" }, "next"],
  ["a page", "/dashboard", IN, "next"],
  ["a page of the role", "/admin/x", { access: { role: "admin" } }, "next"],
  ["a page, with an administrator of the platform", "/admin", { access: platform() }, "next"],
];

function platform(): Record<string, unknown> {
  const { iat, exp, ...claims } = PLATFORM_CLAIMS;
  return { tenantId: undefined, status: undefined, ...claims };
}

describe("the proxy answers", () => {
  test.each(ROWS)("%s: %s", async (_what, path, visit, expected) => {
    expect(done(await ask(path, visit))).toBe(expected);
  });

  test.each(ROWS.filter(([, , , expected]) => expected !== "next"))(
    "%s so that no cache keeps it",
    async (_what, path, visit) => {
      const answer = await ask(path, visit);
      expect(answer.headers.get("cache-control")).toBe("no-store, no-cache");
      expect(await answer.text()).toBe("");
      expect(answer.headers.getSetCookie()).toEqual([]);
    },
  );
});

describe("who is signed in", () => {
  const mfa = {
    type: "mfa_challenge",
    context: "dashboard",
    role: undefined,
    status: undefined,
    mfaEnabled: undefined,
    mfaVerified: undefined,
  };

  test("is nobody who still owes the second factor", async () => {
    expect(done(await ask("/dashboard", { access: mfa }))).toBe(`307 ${login("/dashboard")}`);
  });

  test.each([
    { expectedIssuer: "other" },
    { expectedAudience: "other" },
    { jwtSecret: "another-secret-of-the-server-0123456789" },
  ])("is nobody whose token does not fit %j", async (config) => {
    expect(done(await ask("/dashboard", IN, config))).toBe(`307 ${login("/dashboard")}`);
  });

  test("is somebody whose token fits the issuer and audience", async () => {
    const access = { iss: "bymax-one", aud: "dashboard" };
    const config = { expectedIssuer: "bymax-one", expectedAudience: "dashboard" };
    expect(done(await ask("/dashboard", { access }, config))).toBe("next");
  });

  test("is somebody whose token a previous secret signed", async () => {
    const config = {
      jwtSecret: "another-secret-of-the-server-0123456789",
      previousJwtSecrets: [ROUTES.jwtSecret as string],
    };
    expect(done(await ask("/dashboard", IN, config))).toBe("next");
  });

  test("is told by the configured cookies alone", async () => {
    const config = { cookieNames: { access: "a", hasSession: "s" } };
    expect(done(await ask("/dashboard", { ...IN, ...REFRESHABLE }, config))).toBe(
      `307 ${login("/dashboard")}`,
    );
  });

  test.each(["", "x"])("is refreshable when the signal is not empty: %j", async (signal) => {
    const request = requestTo("/dashboard", { headers: { cookie: `has_session=${signal}` } });
    expect(done(await createAuthProxy(ROUTES).proxy(request))).toBe(
      signal === "" ? `307 ${login("/dashboard")}` : refresh("/dashboard?_r=1"),
    );
  });

  test.each([
    { rsc: "1" },
    { "next-router-prefetch": "1" },
    { "x-middleware-subrequest": "proxy:proxy:proxy:proxy:proxy" },
    { "x-user-id": "u_1", "x-user-role": "admin" },
    { purpose: "prefetch" },
  ])("is nobody for sending %j", async (headers) => {
    expect(done(await ask("/dashboard", { headers }))).not.toBe("next");
    expect(done(await ask("/admin", { ...IN, headers }))).not.toBe("next");
  });
});

describe("a protected path", () => {
  test.each([
    "/dashboard.rsc",
    "/dashboard.segments/_tree.segment.rsc",
    "/_next/data/build/dashboard.json",
    "/%64ashboard",
    "/dashboard%2fa",
    "//dashboard",
    "/dashboard//",
    "/about/..%2fdashboard",
    "/about/%2e%2e/dashboard",
    "/a/../dashboard",
    "/\\dashboard",
    "/api/auth/..%2f..%2fdashboard",
  ])("is protected as %s", async (path) => {
    expect(done(await ask(path))).toContain("/login");
  });
});

describe("rules of roles", () => {
  const rules = { roleRules: [{ pathPrefix: "/dashboard/a", roles: ["admin"] }] };

  test.each([
    ["/dashboard/ab", IN, `307 ${login("/dashboard/ab", "forbidden")}`],
    ["/dashboard/%61", IN, `307 ${login("/dashboard/%61", "forbidden")}`],
    ["/dashboard/a", { ...IN, headers: BACKGROUND }, "403"],
    ["/dashboard/a", { access: { role: "admin" } }, "next"],
    ["/dashboard/b", IN, "next"],
  ])("decide about %s", async (path, visit, expected) => {
    expect(done(await ask(path, visit, rules))).toBe(expected);
  });

  test.each(["/café", "/caf%C3%A9"])("decide in any letters: %s", async (pathPrefix) => {
    const closed = { defaultAccess: "protected", roleRules: [{ pathPrefix, roles: ["admin"] }] } as const;
    expect(done(await ask("/café/menu", IN, closed))).toBe(`307 ${login("/caf%C3%A9/menu", "forbidden")}`);
  });

  test("close every page that is not public, and leave open the login page", async () => {
    const config = {
      accessTokenSecret: ROUTES.jwtSecret as string,
      publicPaths: ["/", "/about"],
      roleRules: [{ pathPrefix: "/admin", roles: ["admin"] }],
    };
    const { proxy } = createAuthProxy(config);
    const asked = async (path: string, visit: Visit = {}) => done(await proxy(requestTo(path, visit)));
    expect(await asked("/")).toBe("next");
    expect(await asked("/about/us")).toBe("next");
    expect(await asked("/login")).toBe("next");
    expect(await asked("/login/")).toBe("next");
    expect(await asked("/anything")).toBe(`307 ${login("/anything")}`);
    expect(await asked("/about/..%2fanything")).toBe(`307 ${login("/about/..%2fanything")}`);
    expect(await asked("/anything", IN)).toBe("next");
    expect(await asked("/admin", IN)).toBe(`307 ${login("/admin", "forbidden")}`);
  });
});
