import { inspect } from "node:util";
import { type AuthProxyConfig, createAuthProxy } from "@bymax-one/python-auth/nextjs";
import { afterEach, describe, expect, test, vi } from "vitest";
import { SECRET } from "../edge/tokens.ts";
import { done, requestTo } from "./visits.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const made = (config: object) => () => createAuthProxy({ jwtSecret: SECRET, ...config } as AuthProxyConfig);

describe("a proxy is not made", () => {
  test.each(["", "login", "//login", "/\\login", "/a\\b", "/a\nb", "/a\u007f", "https://app.test/login"])(
    "with the path %j",
    (path) => {
      expect(made({ loginPath: path })).toThrow(/^createAuthProxy: loginPath/);
      expect(made({ silentRefreshPath: path })).toThrow(/^createAuthProxy: silentRefreshPath/);
      expect(made({ protectedRoutes: [{ pattern: "/a", redirectPath: path }] })).toThrow(/redirectPath/);
    },
  );

  test.each(["a", "/*", "/a/foo*", "/a/*/b"])("with the pattern %s", (pattern) => {
    expect(made({ protectedRoutes: [{ pattern }] })).toThrow(/^createAuthProxy: the pattern/);
  });

  test("with a login page that needs a login", () => {
    expect(made({ loginPath: "/a/login?x", protectedRoutes: [{ pattern: "/a/:rest*" }] })).toThrow(
      /loginPath is itself protected/,
    );
  });

  test.each([{ publicRoutes: ["a"] }, { publicRoutesRedirectIfAuthenticated: [""] }])(
    "with a public route that is no path: %j",
    (config) => {
      expect(made(config)).toThrow(/a public route must start with/);
    },
  );

  test.each(["", "admin", " /admin", "*"])(
    "with a rule for the prefix %j, which no path has",
    (pathPrefix) => {
      expect(made({ roleRules: [{ pathPrefix, roles: ["admin"] }] })).toThrow(
        `createAuthProxy: a pathPrefix must start with /: ${JSON.stringify(pathPrefix)}`,
      );
    },
  );

  test.each([undefined, null, ""])("with the secret %j", (jwtSecret) => {
    expect(() => createAuthProxy({ jwtSecret })).toThrow("createAuthProxy: jwtSecret is missing or empty");
    expect(() => createAuthProxy({})).toThrow("createAuthProxy: jwtSecret is missing or empty");
  });

  test.each([
    { jwtSecret: "é".repeat(2049) },
    { jwtSecret: 5 },
    { previousJwtSecrets: [""] },
    { previousJwtSecrets: ["x".repeat(4097)] },
    { previousJwtSecrets: [undefined] },
  ])("with a secret that verifies nothing, which it does not name", (config) => {
    let message = "";
    try {
      made(config)();
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toMatch(/^createAuthProxy: .*ecrets? must be text/);
    expect(message).not.toMatch(/éé|xx/);
  });

  test.each([
    { cookieNames: { access: "a b" } },
    { cookieNames: { refresh: "" } },
    { cookieNames: { hasSession: "a;b" } },
  ])("with the cookie %j", (config) => {
    expect(made(config)).toThrow(/the name of a cookie/);
  });

  test.each([{ userHeaders: { userId: "a b" } }, { userHeaders: { role: "" } }])(
    "with the header %j",
    (config) => {
      expect(made(config)).toThrow(/the name of a header/);
    },
  );

  test.each([-1, 11, 1.5, Number.NaN, "2"])("with %s refreshes", (maxRefreshAttempts) => {
    expect(made({ maxRefreshAttempts })).toThrow(/maxRefreshAttempts/);
  });

  test.each([
    { publicRoutes: [], publicPaths: [] },
    { accessTokenSecret: SECRET },
    { maxRefreshAttempts: 1, maxRedirects: 1 },
    { blockedUserStatuses: [], blockedStatuses: [] },
  ])("with a field under both its names: %j", (config) => {
    expect(made(config)).toThrow(/is another name of/);
  });
});

describe("the configuration in use", () => {
  test("has every default", () => {
    const { config } = createAuthProxy({ jwtSecret: SECRET });
    expect(config).toEqual({
      publicRoutes: [],
      publicRoutesRedirectIfAuthenticated: [],
      protectedRoutes: [],
      loginPath: "/login",
      getDefaultDashboard: expect.any(Function),
      apiBase: undefined,
      maxRefreshAttempts: 2,
      cookieNames: { access: "access_token", refresh: "refresh_token", hasSession: "has_session" },
      userHeaders: {
        userId: "x-user-id",
        role: "x-user-role",
        tenantId: "x-tenant-id",
        tenantDomain: "x-tenant-domain",
      },
      blockedUserStatuses: [],
      expectedIssuer: null,
      expectedAudience: null,
      silentRefreshPath: "/api/auth/silent-refresh",
      roleRules: [],
      routePrefix: "auth",
      defaultAccess: "public",
      redirectParam: "redirectTo",
    });
    expect(config.getDefaultDashboard("any")).toBe("/");
    expect(Object.isFrozen(config)).toBe(true);
  });

  test("holds the secrets and does not print them", () => {
    const { config } = createAuthProxy({ jwtSecret: SECRET, previousJwtSecrets: ["previous-secret"] });
    expect(config.jwtSecret).toBe(SECRET);
    expect(config.previousJwtSecrets).toEqual(["previous-secret"]);
    for (const printed of [JSON.stringify(config), inspect(config), JSON.stringify({ ...config })]) {
      expect(printed).not.toContain(SECRET);
      expect(printed).not.toContain("previous-secret");
    }
  });

  test("reads the other names", () => {
    const { config } = createAuthProxy({
      accessTokenSecret: SECRET,
      publicPaths: ["/a"],
      maxRedirects: 3,
      blockedStatuses: ["BANNED"],
    });
    expect(config).toMatchObject({
      publicRoutes: ["/a"],
      maxRefreshAttempts: 3,
      blockedUserStatuses: ["BANNED"],
      defaultAccess: "protected",
    });
    expect(config.jwtSecret).toBe(SECRET);
  });

  test.each([
    [{ publicPaths: [] }, "protected"],
    [{ roleRules: [] }, "protected"],
    [{ publicPaths: [], protectedRoutes: [] }, "public"],
    [{ publicPaths: [], defaultAccess: "public" }, "public"],
    [{ defaultAccess: "protected" }, "protected"],
    [{}, "public"],
  ])("is closed or open as its dialect: %j is %s", (config, expected) => {
    expect(made(config)().config.defaultAccess).toBe(expected);
  });
});

test.each([null, "", undefined])(
  "without the secret %j of the other dialect nobody is signed in",
  async (secret) => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const { proxy } = createAuthProxy({ accessTokenSecret: secret });
    expect(warned).toHaveBeenCalledTimes(1);
    expect(done(await proxy(requestTo("/dashboard", { access: {} })))).toBe(
      "307 /login?redirectTo=%2Fdashboard",
    );
    expect(done(await proxy(requestTo("/login")))).toBe("next");
    expect(warned).toHaveBeenCalledTimes(1);
  },
);
