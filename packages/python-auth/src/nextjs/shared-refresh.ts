import type { NextRequest } from "next/server.js";
import type { ResolvedHandlerConfig } from "./handler-config.ts";
import { parseSetCookieHeader } from "./set-cookie.ts";
import { ENDED, refreshUpstream, type Verdict } from "./upstream.ts";

/** How long a request may still be on its way that was sent before the new cookies had arrived. */
const KEPT_MS = 2000;

/** An answer of the server, and the cookies of its login: the one that was presented, and those that were issued. */
interface SharedAnswer {
  readonly verdict: Promise<Verdict>;
  readonly cookies: Set<string>;
  /** Whether the browser signed out while the server was asked. */
  isOver: boolean;
}

const answers = new Map<string, SharedAnswer>();

/**
 * Asks the server for new tokens, once for all requests with the same refresh token.
 *
 * A browser that is opened again loads all of its tabs together. Each would ask for a refresh of its own, and the
 * server, which counts them, would refuse some of the tabs. A tab that was sent here before the new cookies had
 * arrived may bring them, so that what was just given out is given out again.
 */
export function sharedRefresh(request: NextRequest, config: ResolvedHandlerConfig): Promise<Verdict> {
  const { refresh } = config.cookieNames;
  const [presented, another] = presentedCookies(request, refresh);
  // Of several the server must decide, and an empty one is anybody's.
  const isOne = presented !== undefined && presented !== `${refresh}=` && another === undefined;
  if (!isOne || isIsolated()) return refreshUpstream(request, config);
  const question = (cookie: string) => `${config.apiBase}${config.refreshPath} ${cookie}`;
  const known = answers.get(question(presented));
  if (known !== undefined) return known.verdict;
  const asked: SharedAnswer = {
    // The access token would outlive the session, and come back after the cookies were cleared.
    verdict: refreshUpstream(request, config).then((verdict) => (asked.isOver ? ENDED : verdict)),
    cookies: new Set([presented]),
    isOver: false,
  };
  answers.set(question(presented), asked);
  void asked.verdict.then((verdict) => {
    // It was forgotten meanwhile.
    if (answers.get(question(presented)) !== asked) return;
    for (const cookie of issuedCookies(verdict, refresh)) {
      asked.cookies.add(cookie);
      answers.set(question(cookie), asked);
    }
    const forget = () => {
      for (const cookie of asked.cookies) {
        // Another answer may have given the same token since.
        if (answers.get(question(cookie)) === asked) answers.delete(question(cookie));
      }
    };
    // A server that was away may be back.
    if (verdict.kind === "ok") setTimeout(forget, KEPT_MS);
    else forget();
  });
  return asked.verdict;
}

/**
 * Forgets what is shared with this browser: a session that ends must not be continued by it.
 *
 * A request without a refresh token names no session of which anything is shared.
 *
 * @param isSignOut - Whether it is this session that ends, so that who still waits for tokens gets none.
 */
export function forgetRefreshes(
  request: NextRequest,
  config: ResolvedHandlerConfig,
  isSignOut: boolean,
): void {
  const presented = presentedCookies(request, config.cookieNames.refresh);
  for (const [question, answer] of answers) {
    if (!presented.some((cookie) => answer.cookies.has(cookie))) continue;
    answers.delete(question);
    answer.isOver = isSignOut;
  }
}

function presentedCookies(request: NextRequest, name: string): string[] {
  const pairs = (request.headers.get("cookie") ?? "").split(";").map((pair) => pair.trim());
  return pairs.filter((pair) => pair.startsWith(`${name}=`));
}

/** Returns the refresh cookies that a browser presents from now on, and none that the answer clears. */
function issuedCookies(verdict: Verdict, name: string): string[] {
  if (verdict.kind !== "ok") return [];
  const issued = verdict.cookies
    .map(parseSetCookieHeader)
    .filter((cookie) => cookie.name === name && (cookie.maxAge ?? 1) > 0);
  return issued.map(({ value }) => `${name}=${value}`);
}

/** Whether this runtime ends a request that waits for what another one has begun. */
function isIsolated(): boolean {
  return process.env.NEXT_RUNTIME === "edge" || globalThis.navigator?.userAgent === "Cloudflare-Workers";
}
