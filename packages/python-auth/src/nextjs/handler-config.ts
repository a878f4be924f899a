import {
  AUTH_DASHBOARD_ROUTES,
  AUTH_REFRESH_COOKIE_PATH,
  AUTH_ROUTE_PREFIX,
} from "@bymax-one/python-auth/shared";
import { trimSlashes, trimTrailingSlashes } from "../shared/trim-slashes.ts";
import { isBuilding } from "./build-phase.ts";
import { DEFAULT_COOKIE_NAMES, type ProxyCookieNames } from "./proxy-config.ts";
import { hasBackslashOrControl, isSafePath } from "./safe-path.ts";
import { type CheckFailure, checkCookieNames, isToken } from "./validation.ts";

/** What every handler is told. */
interface HandlerConfig {
  /** Where the server is, such as `https://api.example`. */
  readonly apiBase?: string | undefined;
  /** Another name of `apiBase`. */
  readonly backendUrl?: string | undefined;
  /** Where the server mounts its routes, default `auth`. */
  readonly routePrefix?: string;
  readonly cookieNames?: Partial<ProxyCookieNames>;
  /**
   * The path that the refresh cookie gets on its way to the browser. Needed when the server's own path, by default
   * `/auth`, is not that of these handlers, `/api/auth`: the browser would not send the cookie to them.
   */
  readonly refreshCookiePath?: string;
  /** The domain of the cookies, when the server is configured with one; a cookie is cleared only with its own. */
  readonly cookieDomain?: string;
  /**
   * The one header in which your edge writes the caller's address, over whatever the caller sent. Without it
   * the server sees all users at this application's address.
   */
  readonly clientIpHeader?: string;
  /** How long the server may take, in milliseconds, default 10000. */
  readonly timeoutMs?: number;
}

/** What `createSilentRefreshHandler` is told. */
export interface SilentRefreshHandlerConfig extends HandlerConfig {
  /** The server's path, default `/{routePrefix}/refresh`. */
  readonly refreshPath?: string;
  /** Where a browser without a session is sent, default `/login`. */
  readonly loginPath?: string;
}

/** What `createClientRefreshHandler` is told. */
export interface ClientRefreshHandlerConfig extends HandlerConfig {
  /** The server's path, default `/{routePrefix}/refresh`. */
  readonly refreshPath?: string;
}

/** A logout that a form posts to. */
export interface LogoutHandlerRedirectConfig extends HandlerConfig {
  readonly mode: "redirect";
  /** Where the browser is sent. */
  readonly loginPath: string;
  /** The server's path, default `/{routePrefix}/logout`. */
  readonly logoutPath?: string;
}

/** A logout that a script calls. */
export interface LogoutHandlerStatusConfig extends HandlerConfig {
  readonly mode?: "status";
  /** The server's path, default `/{routePrefix}/logout`. */
  readonly logoutPath?: string;
}

/** What `createLogoutHandler` is told. */
export type LogoutHandlerConfig = LogoutHandlerRedirectConfig | LogoutHandlerStatusConfig;

/** What `createAuthForwardHandler` is told. */
export interface AuthForwardHandlerConfig extends HandlerConfig {
  /** The header that names a tenant to the server, default `x-tenant-id`. */
  readonly tenantHeader?: string;
}

/** One object for all handlers. */
export interface AuthHandlerConfig extends HandlerConfig {
  readonly loginPath?: string;
}

/** The configuration in use; the same for every handler, which reads what it needs. */
export interface ResolvedHandlerConfig {
  readonly apiBase: string;
  readonly routePrefix: string;
  readonly refreshPath: string;
  readonly logoutPath: string;
  readonly loginPath: string;
  readonly redirects: boolean;
  readonly cookieNames: ProxyCookieNames;
  readonly refreshCookiePath: string | undefined;
  readonly refreshCookiePaths: readonly string[];
  readonly cookieDomain: string | undefined;
  readonly clientIpHeader: string | undefined;
  readonly tenantHeader: string;
  readonly timeoutMs: number;
}

type AnyConfig = HandlerConfig & {
  readonly refreshPath?: string;
  readonly logoutPath?: string;
  readonly loginPath?: string;
  readonly mode?: "redirect" | "status";
  readonly tenantHeader?: string;
};

/** Browsers accept a cookie of such a name with the path `/`, `Secure` and no domain only. */
export const HOST_PREFIX = "__Host-";

// What browsers accept as the attributes of a cookie.
const COOKIE_PATH = /^\/[\x20-\x3A\x3C-\x7E]*$/;
const COOKIE_DOMAIN =
  /^\.?[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*$/;

/**
 * Returns what returns the configuration, checked at once.
 *
 * `next build` runs the modules of routes, often without the variables of production: without an address of the
 * server the check then waits for the first request.
 */
export function resolveHandlerConfig(factory: string, config: AnyConfig): () => ResolvedHandlerConfig {
  if (isBuilding() && config.apiBase === undefined && config.backendUrl === undefined) {
    return () => resolve(factory, config);
  }
  const resolved = resolve(factory, config);
  return () => resolved;
}

function resolve(factory: string, config: AnyConfig): ResolvedHandlerConfig {
  const fail: CheckFailure = (reason) => {
    throw new Error(`${factory}: ${reason}`);
  };
  if (config.apiBase !== undefined && config.backendUrl !== undefined) {
    fail("backendUrl is another name of apiBase: give one of them");
  }
  if (config.mode === "redirect" && config.loginPath === undefined) fail('mode "redirect" needs a loginPath');
  const routePrefix = trimSlashes(config.routePrefix ?? AUTH_ROUTE_PREFIX);
  const below = routePrefix && `/${routePrefix}`;
  const resolved: ResolvedHandlerConfig = {
    apiBase: trimTrailingSlashes(config.apiBase ?? config.backendUrl ?? ""),
    routePrefix,
    refreshPath: config.refreshPath ?? `${below}/${AUTH_DASHBOARD_ROUTES.refresh}`,
    logoutPath: config.logoutPath ?? `${below}/${AUTH_DASHBOARD_ROUTES.logout}`,
    loginPath: config.loginPath ?? "/login",
    redirects: config.mode === "redirect",
    cookieNames: { ...DEFAULT_COOKIE_NAMES, ...config.cookieNames },
    refreshCookiePath: config.refreshCookiePath,
    refreshCookiePaths: config.refreshCookiePath
      ? [config.refreshCookiePath]
      : [AUTH_REFRESH_COOKIE_PATH, `/api${AUTH_REFRESH_COOKIE_PATH}`],
    cookieDomain: config.cookieDomain,
    clientIpHeader: config.clientIpHeader,
    tenantHeader: config.tenantHeader ?? "x-tenant-id",
    timeoutMs: config.timeoutMs ?? 10_000,
  };
  validate(resolved, fail);
  return resolved;
}

function validate(config: ResolvedHandlerConfig, fail: CheckFailure): void {
  if (!/^https?:\/\//i.test(config.apiBase) || !URL.canParse(config.apiBase)) {
    fail("apiBase must be an absolute address of http or https");
  }
  // A path is appended to it, and `fetch` refuses an address with a password.
  const { username, password } = new URL(config.apiBase);
  if (/[?#]/.test(config.apiBase) || username !== "" || password !== "") {
    fail("apiBase must have no query, fragment or password");
  }
  for (const [name, path] of [
    ["refreshPath", config.refreshPath],
    ["logoutPath", config.logoutPath],
  ] as const) {
    if (!isUpstreamPath(path)) fail(`${name} must be a plain path: ${JSON.stringify(path)}`);
  }
  if (!isSafePath(config.loginPath)) {
    fail(`loginPath must be a path of this origin: ${JSON.stringify(config.loginPath)}`);
  }
  checkCookieNames(config.cookieNames, fail);
  if (config.refreshCookiePath !== undefined && !COOKIE_PATH.test(config.refreshCookiePath)) {
    fail(`refreshCookiePath cannot be the path of a cookie: ${JSON.stringify(config.refreshCookiePath)}`);
  }
  if (config.cookieNames.refresh.startsWith(HOST_PREFIX) && (config.refreshCookiePath ?? "/") !== "/") {
    fail(`a cookie called ${config.cookieNames.refresh} has the path /, and no refreshCookiePath of its own`);
  }
  if (config.cookieDomain !== undefined && !COOKIE_DOMAIN.test(config.cookieDomain)) {
    fail(`cookieDomain cannot be the domain of a cookie: ${JSON.stringify(config.cookieDomain)}`);
  }
  for (const name of [config.clientIpHeader ?? "x-real-ip", config.tenantHeader]) {
    if (!isToken(name)) fail(`this cannot be the name of a header: ${JSON.stringify(name)}`);
  }
  // A longer time is read as none by the timers of Node.
  if (!Number.isInteger(config.timeoutMs) || config.timeoutMs < 1 || config.timeoutMs > 2 ** 31 - 1) {
    fail("timeoutMs must be a positive integer of milliseconds");
  }
}

function isUpstreamPath(path: string): boolean {
  return path.startsWith("/") && !/\.\.|[?#]/.test(path) && !hasBackslashOrControl(path);
}
