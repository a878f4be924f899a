import {
  AUTH_ACCESS_COOKIE_NAME,
  AUTH_HAS_SESSION_COOKIE_NAME,
  AUTH_REFRESH_COOKIE_NAME,
  AUTH_ROUTE_PREFIX,
} from "@bymax-one/python-auth/shared";
import { faultOfPattern, patternTest } from "./patterns.ts";
import { SILENT_REFRESH_ROUTE } from "./routes.ts";
import { isSafePath } from "./safe-path.ts";
import { type CheckFailure, checkCookieNames, checkSecrets, isToken } from "./validation.ts";

/** Pages that need a session. */
export interface ProtectedRoutePattern {
  /** Segments of text, `:name` for any one, and `*` or `:name*` at the end for the path itself and all below. */
  readonly pattern: string;
  /** Who may see them. Omitted: everybody who is signed in. Empty: nobody. */
  readonly allowedRoles?: readonly string[];
  /** Where everybody else is sent, by default to the start page of their role. */
  readonly redirectPath?: string;
}

/** Roles that may see what is below a plain prefix. */
export interface AuthProxyRoleRule {
  pathPrefix: string;
  roles: readonly string[];
}

/** The names of the cookies that the server is configured with. */
export interface ProxyCookieNames {
  readonly access: string;
  readonly refresh: string;
  readonly hasSession: string;
}

/** The names of the headers that tell a page who is signed in. */
export interface UserHeaders {
  readonly userId: string;
  readonly role: string;
  readonly tenantId: string;
  readonly tenantDomain: string;
}

/** What `createAuthProxy` is told. Fields marked as another name may not be given beside the one they stand for. */
export interface AuthProxyConfig {
  /** Paths that everybody sees, with all that is below them. */
  readonly publicRoutes?: readonly string[];
  /** Another name of `publicRoutes`. */
  readonly publicPaths?: readonly string[];
  /** Public paths, such as the login page, that send who is signed in to their start page. */
  readonly publicRoutesRedirectIfAuthenticated?: readonly string[];
  /** The first pattern that matches decides, before `publicRoutes`. */
  readonly protectedRoutes?: readonly ProtectedRoutePattern[];
  /** Default `/login`. */
  readonly loginPath?: string;
  /** The start page of a role, default `/`. */
  readonly getDefaultDashboard?: (role: string) => string;
  /** Not used by the proxy; accepted so that one object configures everything. */
  readonly apiBase?: string;
  /** The server's `jwt.secret`. */
  readonly jwtSecret?: string | null | undefined;
  /** Another name of `jwtSecret`; without a secret under this name nobody is signed in. */
  readonly accessTokenSecret?: string | null | undefined;
  /** The server's previous secrets, which still verify tokens. */
  readonly previousJwtSecrets?: readonly string[];
  /** How many refreshes may follow each other, 0 to 10, default 2. */
  readonly maxRefreshAttempts?: number;
  /** Another name of `maxRefreshAttempts`. */
  readonly maxRedirects?: number;
  readonly cookieNames?: Partial<ProxyCookieNames>;
  readonly userHeaders?: Partial<UserHeaders>;
  /** Statuses in a token that are sent to the login page, in any case. */
  readonly blockedUserStatuses?: readonly string[];
  /** Another name of `blockedUserStatuses`. */
  readonly blockedStatuses?: readonly string[];
  /** The server's `jwt.issuer`; null asks for none. */
  readonly expectedIssuer?: string | null;
  /** The server's `jwt.audience`; null asks for none. */
  readonly expectedAudience?: string | null;
  /** Where `createSilentRefreshHandler` is mounted. */
  readonly silentRefreshPath?: string;
  /** Asked after `allowedRoles`; the first prefix that matches decides. */
  readonly roleRules?: readonly AuthProxyRoleRule[];
  /** Not used by the proxy; accepted so that one object configures everything. */
  readonly routePrefix?: string;
  /**
   * What a path is that no list names. Default `"public"`; `"protected"` when `publicPaths`, `roleRules` or
   * `accessTokenSecret` is given and `protectedRoutes` is not.
   */
  readonly defaultAccess?: "public" | "protected";
  /** The parameter that tells the login page where to come back to, default `redirectTo`; false sends none. */
  readonly redirectParam?: string | false;
}

/** The configuration in use. The secrets are not enumerable, so that printing it does not print them. */
export interface ResolvedAuthProxyConfig {
  readonly publicRoutes: readonly string[];
  readonly publicRoutesRedirectIfAuthenticated: readonly string[];
  readonly protectedRoutes: readonly ProtectedRoutePattern[];
  readonly loginPath: string;
  readonly getDefaultDashboard: (role: string) => string;
  readonly apiBase: string | undefined;
  readonly jwtSecret: string | null;
  readonly previousJwtSecrets: readonly string[];
  readonly maxRefreshAttempts: number;
  readonly cookieNames: ProxyCookieNames;
  readonly userHeaders: UserHeaders;
  readonly blockedUserStatuses: readonly string[];
  readonly expectedIssuer: string | null;
  readonly expectedAudience: string | null;
  readonly silentRefreshPath: string;
  readonly roleRules: readonly AuthProxyRoleRule[];
  readonly routePrefix: string;
  readonly defaultAccess: "public" | "protected";
  readonly redirectParam: string | false;
}

export const DEFAULT_COOKIE_NAMES: ProxyCookieNames = {
  access: AUTH_ACCESS_COOKIE_NAME,
  refresh: AUTH_REFRESH_COOKIE_NAME,
  hasSession: AUTH_HAS_SESSION_COOKIE_NAME,
};

const DEFAULT_USER_HEADERS: UserHeaders = {
  userId: "x-user-id",
  role: "x-user-role",
  tenantId: "x-tenant-id",
  tenantDomain: "x-tenant-domain",
};

const ALIASES = [
  ["publicRoutes", "publicPaths"],
  ["jwtSecret", "accessTokenSecret"],
  ["maxRefreshAttempts", "maxRedirects"],
  ["blockedUserStatuses", "blockedStatuses"],
] as const;

/** Applies the defaults and throws for what could not work, or would open what was meant to be closed. */
export function resolveProxyConfig(factory: string, config: AuthProxyConfig): ResolvedAuthProxyConfig {
  const fail: CheckFailure = (reason) => {
    throw new Error(`${factory}: ${reason}`);
  };
  for (const [name, alias] of ALIASES) {
    if (name in config && alias in config) fail(`${alias} is another name of ${name}: give one of them`);
  }
  const resolved = withSecrets(
    {
      publicRoutes: config.publicRoutes ?? config.publicPaths ?? [],
      publicRoutesRedirectIfAuthenticated: config.publicRoutesRedirectIfAuthenticated ?? [],
      protectedRoutes: config.protectedRoutes ?? [],
      loginPath: config.loginPath ?? "/login",
      getDefaultDashboard: config.getDefaultDashboard ?? (() => "/"),
      apiBase: config.apiBase,
      maxRefreshAttempts: config.maxRefreshAttempts ?? config.maxRedirects ?? 2,
      cookieNames: { ...DEFAULT_COOKIE_NAMES, ...config.cookieNames },
      userHeaders: { ...DEFAULT_USER_HEADERS, ...config.userHeaders },
      blockedUserStatuses: config.blockedUserStatuses ?? config.blockedStatuses ?? [],
      expectedIssuer: config.expectedIssuer ?? null,
      expectedAudience: config.expectedAudience ?? null,
      silentRefreshPath: config.silentRefreshPath ?? SILENT_REFRESH_ROUTE,
      roleRules: config.roleRules ?? [],
      routePrefix: config.routePrefix ?? AUTH_ROUTE_PREFIX,
      defaultAccess: config.defaultAccess ?? accessOfDialect(config),
      redirectParam: config.redirectParam ?? "redirectTo",
    },
    config,
  );
  validate(resolved, fail);
  if (resolved.jwtSecret === null) {
    if (!("accessTokenSecret" in config)) fail("jwtSecret is missing or empty");
    console.warn(`${factory}: accessTokenSecret is missing, so nobody is signed in`);
  }
  return resolved;
}

function accessOfDialect(config: AuthProxyConfig): "public" | "protected" {
  const guardsEverything = "publicPaths" in config || "roleRules" in config || "accessTokenSecret" in config;
  return guardsEverything && !("protectedRoutes" in config) ? "protected" : "public";
}

type WithoutSecrets = Omit<ResolvedAuthProxyConfig, "jwtSecret" | "previousJwtSecrets">;

function withSecrets(resolved: WithoutSecrets, config: AuthProxyConfig): ResolvedAuthProxyConfig {
  const jwtSecret = (config.jwtSecret ?? config.accessTokenSecret) || null;
  const previousJwtSecrets = Object.freeze([...(config.previousJwtSecrets ?? [])]);
  const hidden = { jwtSecret: { value: jwtSecret }, previousJwtSecrets: { value: previousJwtSecrets } };
  return Object.freeze(Object.defineProperties(resolved, hidden)) as ResolvedAuthProxyConfig;
}

function validate(config: ResolvedAuthProxyConfig, fail: CheckFailure): void {
  const redirects = config.protectedRoutes.map(
    (route) => ["redirectPath", route.redirectPath ?? "/"] as const,
  );
  const paths = [
    ["loginPath", config.loginPath],
    ["silentRefreshPath", config.silentRefreshPath],
    ...redirects,
  ];
  for (const [name, path] of paths) {
    if (!isSafePath(path)) fail(`${name} must be a path of this origin: ${JSON.stringify(path)}`);
  }
  for (const { pattern } of config.protectedRoutes) {
    const fault = faultOfPattern(pattern);
    if (fault !== undefined) fail(`the pattern ${JSON.stringify(pattern)} ${fault}`);
  }
  const { pathname } = new URL(config.loginPath, "http://placeholder.invalid");
  if (config.protectedRoutes.some(({ pattern }) => patternTest(pattern)(pathname))) {
    fail("loginPath is itself protected, so that nobody could sign in");
  }
  for (const route of [...config.publicRoutes, ...config.publicRoutesRedirectIfAuthenticated]) {
    if (!route.startsWith("/")) fail(`a public route must start with /: ${JSON.stringify(route)}`);
  }
  for (const { pathPrefix } of config.roleRules) {
    if (!pathPrefix.startsWith("/")) fail(`a pathPrefix must start with /: ${JSON.stringify(pathPrefix)}`);
  }
  checkSecrets(config.jwtSecret, config.previousJwtSecrets, fail);
  checkCookieNames(config.cookieNames, fail);
  for (const name of Object.values(config.userHeaders)) {
    if (!isToken(name)) fail(`this cannot be the name of a header: ${JSON.stringify(name)}`);
  }
  const attempts = config.maxRefreshAttempts;
  if (!Number.isInteger(attempts) || attempts < 0 || attempts > 10) {
    fail("maxRefreshAttempts must be an integer of 0 to 10");
  }
}
