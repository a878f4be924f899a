import { type DecodedToken, getUserRole } from "@bymax-one/python-auth/edge";
import { type NextRequest, NextResponse } from "next/server.js";
import { blockedStatus, isSession, verifyAccessToken } from "./access-token.ts";
import { isRead, redirectTo, refuse } from "./answers.ts";
import { isBackgroundRequest } from "./background.ts";
import { type Classifier, classifier } from "./classifier.ts";
import { withIdentity, withoutIdentity } from "./identity-headers.ts";
import { prefixTest } from "./patterns.ts";
import {
  type AuthProxyConfig,
  type ProtectedRoutePattern,
  type ResolvedAuthProxyConfig,
  resolveProxyConfig,
} from "./proxy-config.ts";
import { isSafePath, resolveSafeDestination, withoutParameters, withQuery } from "./safe-path.ts";

/** What `createAuthProxy` returns. */
export interface AuthProxyInstance {
  /** Exported by `proxy.ts` under this name: `export const proxy = authProxy.proxy`. */
  readonly proxy: (request: NextRequest) => Promise<NextResponse>;
  readonly config: ResolvedAuthProxyConfig;
}

/**
 * Makes the proxy that chooses which page a browser gets.
 *
 * It reads the access token, and asks neither the server nor its store: a session that was ended on the server
 * opens pages until its token expires. The API is the lock; the headers that a page gets are for what it shows.
 *
 * A protected page is answered with `Cache-Control: private, no-store`, which replaces what a route handler below
 * the pattern says; an application that wants another value sets it on what `proxy` returns, or deletes it there so
 * that the handler's own stands.
 *
 * Next looks for the export without running the file, and does not find a destructured one:
 *
 * ```ts
 * const authProxy = createAuthProxy({ jwtSecret: process.env.JWT_SECRET, protectedRoutes: [...] });
 * export const proxy = authProxy.proxy;
 * ```
 *
 * @throws Error when the configuration cannot work, or would leave open what it names as protected.
 */
export function createAuthProxy(config: AuthProxyConfig): AuthProxyInstance {
  const resolved = resolveProxyConfig("createAuthProxy", config);
  const proxy = new AuthProxy(resolved);
  return { proxy: (request) => proxy.answer(request), config: resolved };
}

/** A request, and what is known about it. */
interface Visit {
  readonly request: NextRequest;
  /** What the path may mean, without the application's base path. */
  readonly paths: readonly string[];
  readonly background: boolean;
  /** A browser's own GET or HEAD, which may be sent elsewhere and come back. */
  readonly navigation: boolean;
  readonly token: DecodedToken;
  readonly hasCookie: boolean;
  readonly authenticated: boolean;
  readonly hasSession: boolean;
}

interface RoleRule {
  readonly matches: (path: string) => boolean;
  readonly roles: readonly string[];
}

const COUNTER = "_r";
const REASON = "reason";

class AuthProxy {
  readonly #config: ResolvedAuthProxyConfig;
  readonly #classify: Classifier;
  readonly #rules: readonly RoleRule[];

  constructor(config: ResolvedAuthProxyConfig) {
    this.#config = config;
    this.#classify = classifier(config);
    this.#rules = config.roleRules.map(({ pathPrefix, roles }) => ({
      matches: prefixTest(pathPrefix),
      roles: [...roles],
    }));
  }

  async answer(request: NextRequest): Promise<NextResponse> {
    const route = this.#classify(request.nextUrl.pathname);
    if (route.access === "handler") return this.#pass(request);
    const visit = await this.#visit(request, route.paths);
    return route.access === "public"
      ? this.#answerPublic(visit, route.redirectsSignedIn)
      : this.#answerProtected(visit, route.pattern);
  }

  async #visit(request: NextRequest, paths: readonly string[]): Promise<Visit> {
    const { cookieNames } = this.#config;
    const raw = request.cookies.get(cookieNames.access)?.value ?? "";
    const token = await verifyAccessToken(raw, this.#config);
    const background = isBackgroundRequest(request);
    return {
      request,
      paths,
      background,
      navigation: !background && isRead(request),
      token,
      hasCookie: raw !== "",
      authenticated: isSession(token),
      hasSession: Boolean(request.cookies.get(cookieNames.hasSession)?.value),
    };
  }

  #answerPublic(visit: Visit, redirectsSignedIn: boolean): NextResponse {
    const { request, navigation } = visit;
    if (!visit.authenticated) {
      return visit.hasSession && navigation && !this.#isLoopBroken(request)
        ? this.#refresh(visit)
        : this.#pass(request);
    }
    if (redirectsSignedIn && navigation && !request.nextUrl.searchParams.has(REASON)) {
      const dashboard = this.#dashboardOf(visit.token);
      if (!isSamePage(request, dashboard)) return redirectTo(request, withBase(request, dashboard));
    }
    return this.#withoutCounter(visit) ?? this.#pass(request);
  }

  #answerProtected(visit: Visit, pattern: ProtectedRoutePattern | undefined): NextResponse {
    if (!visit.authenticated) return this.#answerSignedOut(visit);
    const { request, token, background } = visit;
    const status = blockedStatus(token, this.#config.blockedUserStatuses);
    if (status !== undefined) return background ? refuse(403) : this.#login(visit, status);
    const role = getUserRole(token);
    if (pattern?.allowedRoles && !pattern.allowedRoles.includes(role)) {
      return background ? refuse(403) : this.#forbidden(visit, pattern);
    }
    const rule = this.#rules.find(({ matches }) => visit.paths.some(matches));
    if (rule && !rule.roles.includes(role)) return background ? refuse(403) : this.#login(visit, "forbidden");
    return this.#withoutCounter(visit) ?? this.#show(request, token);
  }

  #answerSignedOut(visit: Visit): NextResponse {
    const { request, hasCookie, hasSession } = visit;
    if (visit.background) return refuse(401);
    if (!isRead(request)) return this.#login(visit, hasSession ? "expired" : undefined);
    if (!hasCookie && !hasSession) return this.#login(visit, undefined);
    if (this.#isLoopBroken(request)) return this.#login(visit, "expired");
    return hasSession ? this.#refresh(visit) : this.#login(visit, undefined);
  }

  /** Lets a request through that nobody needs to be signed in for. */
  #pass(request: NextRequest): NextResponse {
    const headers = withoutIdentity(request.headers, this.#config.userHeaders);
    return NextResponse.next({ request: { headers } });
  }

  /**
   * Lets a request through to a protected page, which no cache may keep.
   *
   * Next puts these headers over those of a route handler, and its own `Vary` over this one on pages.
   */
  #show(request: NextRequest, token: DecodedToken): NextResponse {
    const headers = withIdentity(request.headers, this.#config.userHeaders, token);
    return NextResponse.next({
      request: { headers },
      headers: { "cache-control": "private, no-store", vary: "Cookie" },
    });
  }

  #login({ request }: Visit, reason: string | undefined): NextResponse {
    const { loginPath, redirectParam } = this.#config;
    const path = addressWithout(request, COUNTER, REASON).slice(request.nextUrl.basePath.length) || "/";
    const back = resolveSafeDestination(path, request.nextUrl.origin, loginPath);
    const parameters = {
      [REASON]: reason,
      ...(redirectParam && back !== loginPath && { [redirectParam]: back }),
    };
    return redirectTo(request, withBase(request, withQuery(loginPath, parameters)));
  }

  /** Sends a browser to the refresh and back; how often it was there travels in the address that it comes back to. */
  #refresh({ request }: Visit): NextResponse {
    const here = addressWithout(request, COUNTER, REASON);
    const back = withQuery(here, { [COUNTER]: `${this.#counter(request) + 1}` });
    return redirectTo(
      request,
      withBase(request, withQuery(this.#config.silentRefreshPath, { redirect: back })),
    );
  }

  #forbidden({ request, token }: Visit, { redirectPath }: ProtectedRoutePattern): NextResponse {
    const target = redirectPath ?? this.#dashboardOf(token);
    // The start page of a role may itself be forbidden to it.
    const wasSentHere = request.nextUrl.searchParams.getAll("error").includes("forbidden");
    if (wasSentHere || isSamePage(request, target)) return refuse(403);
    return redirectTo(request, withBase(request, withQuery(target, { error: "forbidden" })));
  }

  /** Takes the counter out of the address bar, where a bookmark would keep it. */
  #withoutCounter({ request, navigation }: Visit): NextResponse | undefined {
    if (!navigation || !request.nextUrl.searchParams.has(COUNTER)) return undefined;
    return redirectTo(request, addressWithout(request, COUNTER));
  }

  #dashboardOf(token: DecodedToken): string {
    const path = this.#config.getDefaultDashboard(getUserRole(token));
    return isSafePath(path) ? path : "/";
  }

  #counter(request: NextRequest): number {
    const written = request.nextUrl.searchParams.get(COUNTER) ?? "";
    return /^\d+$/.test(written) ? Math.min(Number(written), this.#config.maxRefreshAttempts) : 0;
  }

  #isLoopBroken(request: NextRequest): boolean {
    const reason = request.nextUrl.searchParams.get(REASON);
    const wasRefused = reason === "expired" || reason === "unavailable";
    return wasRefused || this.#counter(request) >= this.#config.maxRefreshAttempts;
  }
}

function isSamePage(request: NextRequest, path: string): boolean {
  const withoutSlash = (pathname: string) => pathname.replace(/\/$/, "");
  const { pathname } = new URL(path, request.nextUrl.origin);
  return withoutSlash(pathname) === withoutSlash(request.nextUrl.pathname);
}

function withBase(request: NextRequest, path: string): string {
  return request.nextUrl.basePath + path;
}

/** Returns the path and query as the browser has them, base path included, without some parameters. */
function addressWithout(request: NextRequest, ...parameters: string[]): string {
  const url = new URL(request.nextUrl.href);
  const query = withoutParameters(url.search.slice(1), parameters);
  return url.pathname + (query && `?${query}`);
}
