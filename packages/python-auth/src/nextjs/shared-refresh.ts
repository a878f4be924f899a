import type { NextRequest } from "next/server.js";
import type { ResolvedHandlerConfig } from "./handler-config.ts";
import { parseSetCookieHeader } from "./set-cookie.ts";
import { OVERTAKEN, refreshUpstream, type Verdict } from "./upstream.ts";

/** How long a request may still be on its way that was sent before the new cookies had arrived. */
const KEPT_MS = 2000;

/** What the server is asked, or has just answered. */
interface Refresh {
  readonly verdict: Promise<Verdict>;
  /** Those of its login: what was presented, and what was issued. */
  readonly cookies: Set<string>;
  /** Whether the browser signed out while the server was asked. */
  isOver: boolean;
}

/** What is given again, by the server's address and the cookie. */
const answers = new Map<string, Refresh>();
/** What is under way, also when it is shared no longer. */
const asking = new Set<Refresh>();

/**
 * Asks the server for new tokens, once for all requests with the same refresh token.
 *
 * A browser that is opened again loads all of its tabs together. Each would ask for a refresh of its own, and the
 * server, which counts them, would refuse some of the tabs. A tab that was sent here before the new cookies had
 * arrived may bring them, so that what was just given out is given out again.
 */
export function sharedRefresh(request: NextRequest, config: ResolvedHandlerConfig): Promise<Verdict> {
  const { refresh } = config.cookieNames;
  // A request that is cancelled there would be remembered for ever.
  if (isIsolated()) return refreshUpstream(request, config);
  const [presented, another] = presentedCookies(request, refresh);
  // Of several the server must decide, and an empty one is anybody's.
  const isOne = presented !== undefined && presented !== `${refresh}=` && another === undefined;
  if (!isOne) return ask(request, config).verdict;
  const question = (cookie: string) => `${config.apiBase}${config.refreshPath} ${cookie}`;
  const known = answers.get(question(presented));
  if (known !== undefined) return known.verdict;
  const asked = ask(request, config);
  answers.set(question(presented), asked);
  void asked.verdict.then((verdict) => {
    // It was forgotten meanwhile.
    if (answers.get(question(presented)) !== asked) return;
    for (const cookie of issuedCookies(verdict, refresh)) answers.set(question(cookie), asked);
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

function ask(request: NextRequest, config: ResolvedHandlerConfig): Refresh {
  const { refresh } = config.cookieNames;
  const asked: Refresh = {
    verdict: refreshUpstream(request, config).then((verdict) => {
      asking.delete(asked);
      // The access token would outlive the session, and come back after the cookies were cleared.
      if (asked.isOver) return OVERTAKEN;
      const issued = issuedCookies(verdict, refresh);
      // The browser presents them from now on, also when it signs out while another of its refreshes is under way.
      const others = [...asking].filter((other) => isOfLogin(other, [...asked.cookies]));
      for (const { cookies } of [asked, ...others]) {
        for (const cookie of issued) cookies.add(cookie);
      }
      return verdict;
    }),
    cookies: new Set(presentedCookies(request, refresh).filter((cookie) => cookie !== `${refresh}=`)),
    isOver: false,
  };
  asking.add(asked);
  return asked;
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
    if (isOfLogin(answer, presented)) answers.delete(question);
  }
  if (!isSignOut) return;
  for (const refresh of asking) {
    if (isOfLogin(refresh, presented)) refresh.isOver = true;
  }
}

function isOfLogin({ cookies }: Refresh, others: readonly string[]): boolean {
  return others.some((cookie) => cookies.has(cookie));
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
    .filter((cookie) => cookie.name === name && cookie.value !== "" && (cookie.maxAge ?? 1) > 0);
  return issued.map(({ value }) => `${name}=${value}`);
}

/** Whether this runtime ends a request that waits for what another one has begun. */
function isIsolated(): boolean {
  return process.env.NEXT_RUNTIME === "edge" || globalThis.navigator?.userAgent === "Cloudflare-Workers";
}
