import { type NextRequest, NextResponse } from "next/server.js";
import { HOST_PREFIX, type ResolvedHandlerConfig } from "./handler-config.ts";
import { toSameOriginPath } from "./safe-path.ts";
import { dedupeSetCookieHeaders, parseSetCookieHeader, withCookiePath } from "./set-cookie.ts";

/** Returns an answer that no cache keeps. One that sets cookies also says so to caches that read only their own. */
export function answerWith(
  body: string | null,
  init: { readonly status: number; readonly headers?: Readonly<Record<string, string>> },
  cookies: readonly string[] = [],
): NextResponse {
  const response = new NextResponse(body, {
    status: init.status,
    headers: { ...init.headers, "cache-control": "no-store" },
  });
  if (cookies.length > 0) response.headers.set("cdn-cache-control", "no-store");
  for (const cookie of cookies) response.headers.append("set-cookie", cookie);
  return response;
}

export function jsonWith(
  body: unknown,
  status: number,
  options: { readonly headers?: Readonly<Record<string, string>>; readonly cookies?: readonly string[] } = {},
): NextResponse {
  const headers = { ...options.headers, "content-type": "application/json" };
  return answerWith(JSON.stringify(body), { status, headers }, options.cookies);
}

/**
 * Sends a browser to a page by GET.
 *
 * The address has no host: behind a proxy this process knows only its own.
 */
export function seeOther(path: string, cookies: readonly string[]): NextResponse {
  return answerWith(null, { status: 303, headers: { location: toSameOriginPath(path) } }, cookies);
}

/** Returns the server's cookies for the browser: each once, the refresh cookie on the path of the handlers. */
export function relayedCookies(cookies: readonly string[], config: ResolvedHandlerConfig): string[] {
  return dedupeSetCookieHeaders(cookies).map((cookie) => onHandlerPath(cookie, config));
}

/** Moves the refresh cookie to the configured path; every other cookie stays as it is. */
export function onHandlerPath(cookie: string, config: ResolvedHandlerConfig): string {
  const { refreshCookiePath, cookieNames } = config;
  const moves = refreshCookiePath !== undefined && parseSetCookieHeader(cookie).name === cookieNames.refresh;
  return moves ? withCookiePath(cookie, refreshCookiePath) : cookie;
}

/** Returns the headers that make a browser forget the session. */
export function clearingCookies(request: NextRequest, config: ResolvedHandlerConfig): string[] {
  const { access, refresh, hasSession } = config.cookieNames;
  const isPlain = request.nextUrl.protocol === "http:";
  const clear = (name: string, path: string) => {
    const isOfHost = name.startsWith(HOST_PREFIX);
    const domain = config.cookieDomain === undefined || isOfHost ? "" : `; Domain=${config.cookieDomain}`;
    // A browser ignores what is Secure over plain HTTP, so that a local logout would not work. A name with a
    // prefix is never used there, and cannot be cleared without it.
    const secure = isPlain && !isOfHost && !name.startsWith("__Secure-") ? "" : "; Secure";
    return `${name}=; Path=${path}${domain}; Max-Age=0; HttpOnly${secure}; SameSite=Strict`;
  };
  const refreshPaths = refresh.startsWith(HOST_PREFIX) ? ["/"] : config.refreshCookiePaths;
  return [clear(access, "/"), ...refreshPaths.map((path) => clear(refresh, path)), clear(hasSession, "/")];
}

/** Whether another site made the browser ask; a sibling domain counts, and a client without the header does not. */
export function isForeign(request: NextRequest): boolean {
  const site = request.headers.get("sec-fetch-site");
  return site !== null && site !== "same-origin" && site !== "none";
}

/** Answers what is no POST of this origin; undefined for one. */
export function refuseUnlessOwnPost(request: NextRequest): NextResponse | undefined {
  if (request.method !== "POST") return answerWith(null, { status: 405, headers: { allow: "POST" } });
  return isForeign(request) ? answerWith(null, { status: 403 }) : undefined;
}

/** Answers with 500 what a configuration that was not checked before cannot answer, and says why in the log. */
export function guarded<Rest extends unknown[], Answer extends Response>(
  handler: (request: NextRequest, ...rest: Rest) => Promise<Answer>,
): (request: NextRequest, ...rest: Rest) => Promise<Answer | NextResponse> {
  return async (request, ...rest) => {
    try {
      return await handler(request, ...rest);
    } catch (error) {
      // biome-ignore lint/suspicious/noConsole: the operator must learn why every request fails
      console.error(error);
      return answerWith(null, { status: 500 });
    }
  };
}
