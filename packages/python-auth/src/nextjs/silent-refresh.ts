import type { NextRequest, NextResponse } from "next/server.js";
import { isPrefetch } from "./background.ts";
import {
  answerWith,
  clearingCookies,
  guarded,
  isForeign,
  relayedCookies,
  seeOther,
} from "./handler-answers.ts";
import {
  type AuthHandlerConfig,
  type ResolvedHandlerConfig,
  resolveHandlerConfig,
  type SilentRefreshHandlerConfig,
} from "./handler-config.ts";
import { pageTest } from "./patterns.ts";
import { resolveSafeDestination, withQuery } from "./safe-path.ts";
import { sharedRefresh } from "./shared-refresh.ts";
import type { Verdict } from "./upstream.ts";

export type SilentRefreshHandler = (request: NextRequest) => Promise<NextResponse>;

const HTML = "text/html; charset=utf-8";
// Asks for the same address again, this time from this origin and with every cookie.
const BOUNCE = '<!doctype html><meta http-equiv="refresh" content="0">';

/**
 * Makes the handler that refreshes a session on the way to a page: `GET /api/auth/silent-refresh?redirect=...`.
 *
 * A browser with a new session is sent to the destination, one without to the login page. Loaded in an iframe
 * of the same origin, the handler answers with a page whose title is `ok`, `expired` or `unavailable`. The cookies
 * of a browser that signed out meanwhile stay as they are, and it is told no reason.
 *
 * @throws Error when the configuration cannot work.
 */
export function createSilentRefreshHandler(
  config: SilentRefreshHandlerConfig | AuthHandlerConfig,
): SilentRefreshHandler {
  const resolved = resolveHandlerConfig("createSilentRefreshHandler", config);
  return guarded(async (request) => refusal(request) ?? (await refresh(request, resolved())));
}

function refusal(request: NextRequest): NextResponse | undefined {
  if (request.method !== "GET" && request.method !== "HEAD") {
    return answerWith(null, { status: 405, headers: { allow: "GET, HEAD" } });
  }
  // Nobody has chosen what a browser prefetches, so it is no reason for new tokens.
  if (isPrefetch(request)) return answerWith(null, { status: 403 });
  if (!isForeign(request)) return undefined;
  const isPage =
    request.headers.get("sec-fetch-mode") === "navigate" &&
    request.headers.get("sec-fetch-dest") === "document";
  if (!isPage) return answerWith(null, { status: 403 });
  const headers = { "content-type": HTML, "content-security-policy": "default-src 'none'" };
  return answerWith(BOUNCE, { status: 200, headers });
}

async function refresh(request: NextRequest, config: ResolvedHandlerConfig): Promise<NextResponse> {
  const { nextUrl } = request;
  const verdict = await sharedRefresh(request, config);
  const cookies = cookiesOf(verdict, request, config);
  if (isFramed(request)) return frameAnswer(verdict, cookies);
  const loginPath = nextUrl.basePath + config.loginPath;
  if (verdict.kind === "ok") return seeOther(destination(nextUrl, loginPath), cookies);
  if (verdict.kind === "overtaken") return seeOther(loginPath, cookies);
  return seeOther(withQuery(loginPath, { reason: titleOf(verdict) }), cookies);
}

/** Returns where the browser is sent, the login page instead of here: each round would ask for a refresh. */
function destination(here: NextRequest["nextUrl"], loginPath: string): string {
  const asked = here.searchParams.get("redirect") ?? here.searchParams.get("redirectTo");
  const path = resolveSafeDestination(asked, here.origin, loginPath);
  const isHere = pageTest(here.basePath + here.pathname);
  return isHere(new URL(path, here.origin).pathname) ? loginPath : path;
}

function cookiesOf(verdict: Verdict, request: NextRequest, config: ResolvedHandlerConfig): readonly string[] {
  if (verdict.kind === "ok") return relayedCookies(verdict.cookies, config);
  return verdict.kind === "rejected" ? clearingCookies(request, config) : [];
}

function isFramed({ headers, nextUrl }: NextRequest): boolean {
  return headers.get("sec-fetch-dest") === "iframe" || nextUrl.searchParams.get("mode") === "iframe";
}

function frameAnswer(verdict: Verdict, cookies: readonly string[]): NextResponse {
  const headers = {
    "content-type": HTML,
    "content-security-policy": "default-src 'none'; frame-ancestors 'self'",
    "x-frame-options": "SAMEORIGIN",
  };
  return answerWith(`<!doctype html><title>${titleOf(verdict)}</title>`, { status: 200, headers }, cookies);
}

function titleOf({ kind }: Verdict): string {
  if (kind === "rejected") return "expired";
  // Nothing has expired, and who asks again is told of the session that there is then.
  return kind === "overtaken" ? "unavailable" : kind;
}
