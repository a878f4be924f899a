import type { NextRequest } from "next/server.js";
import type { ResolvedHandlerConfig } from "./handler-config.ts";
import { parseSetCookieHeader } from "./set-cookie.ts";
import { refreshUpstream, type Verdict } from "./upstream.ts";

/** How long a request may still be on its way that was sent before the new cookies had arrived. */
const KEPT_MS = 2000;

const verdicts = new Map<string, Promise<Verdict>>();

/**
 * Asks the server for new tokens, once for all requests with the same refresh token.
 *
 * A browser that is opened again loads all of its tabs together. Each would ask for a refresh of its own, and the
 * server, which counts them, would refuse some of the tabs. A tab that was sent here before the new cookies had
 * arrived may bring them, so that what was just given out is given out again.
 */
export function sharedRefresh(request: NextRequest, config: ResolvedHandlerConfig): Promise<Verdict> {
  const presented = presentedCookie(request, config.cookieNames.refresh);
  if (presented === undefined || isIsolated()) return refreshUpstream(request, config);
  const question = (cookie: string) => `${config.apiBase}${config.refreshPath} ${cookie}`;
  const known = verdicts.get(question(presented));
  if (known !== undefined) return known;
  const asked = refreshUpstream(request, config);
  verdicts.set(question(presented), asked);
  void asked.then((verdict) => {
    // Somebody has signed out meanwhile.
    if (verdicts.get(question(presented)) !== asked) return;
    const questions = [presented, ...issuedCookies(verdict, config.cookieNames.refresh)].map(question);
    for (const each of questions) verdicts.set(each, asked);
    const forget = () => {
      for (const each of questions) verdicts.delete(each);
    };
    // A server that was away may be back.
    if (verdict.kind === "ok") setTimeout(forget, KEPT_MS);
    else forget();
  });
  return asked;
}

/** Forgets every answer: a session that ends must not be continued by one of them. */
export function forgetRefreshes(): void {
  verdicts.clear();
}

/** Returns the cookie of this name; undefined also for several, of which the server must decide. */
function presentedCookie(request: NextRequest, name: string): string | undefined {
  const pairs = (request.headers.get("cookie") ?? "").split(";").map((pair) => pair.trim());
  const [presented, another] = pairs.filter((pair) => pair.startsWith(`${name}=`));
  return another === undefined ? presented : undefined;
}

function issuedCookies(verdict: Verdict, name: string): string[] {
  const cookies = verdict.kind === "ok" ? verdict.cookies.map(parseSetCookieHeader) : [];
  const issued = cookies.filter((cookie) => cookie.name === name && cookie.value !== "");
  return issued.map(({ value }) => `${name}=${value}`);
}

/** Whether this runtime ends a request that waits for what another one has begun. */
function isIsolated(): boolean {
  return process.env.NEXT_RUNTIME === "edge" || globalThis.navigator?.userAgent === "Cloudflare-Workers";
}
