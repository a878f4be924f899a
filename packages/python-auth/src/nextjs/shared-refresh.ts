import type { NextRequest } from "next/server.js";
import type { ResolvedHandlerConfig } from "./handler-config.ts";
import { refreshUpstream, type Verdict } from "./upstream.ts";

/** How long a request may still be on its way that was sent before the new cookies had arrived. */
const KEPT_MS = 2000;

const verdicts = new Map<string, Promise<Verdict>>();

/**
 * Asks the server for new tokens, once for all requests with the same cookies.
 *
 * A browser that is opened again loads all of its tabs together. Each would ask for a refresh of its own, and the
 * server, which counts them, would refuse some of the tabs.
 */
export function sharedRefresh(request: NextRequest, config: ResolvedHandlerConfig): Promise<Verdict> {
  const cookies = request.headers.get("cookie");
  if (cookies === null || isIsolated()) return refreshUpstream(request, config);
  const question = `${config.apiBase}${config.refreshPath} ${cookies}`;
  const known = verdicts.get(question);
  if (known !== undefined) return known;
  const asked = refreshUpstream(request, config);
  verdicts.set(question, asked);
  void asked.then(({ kind }) => {
    const forget = () => verdicts.delete(question);
    // A server that was away may be back.
    if (kind === "ok") setTimeout(forget, KEPT_MS);
    else forget();
  });
  return asked;
}

/** Forgets every answer: a session that ends must not be continued by one of them. */
export function forgetRefreshes(): void {
  verdicts.clear();
}

/** Whether this runtime ends a request that waits for what another one has begun. */
function isIsolated(): boolean {
  return process.env.NEXT_RUNTIME === "edge" || globalThis.navigator?.userAgent === "Cloudflare-Workers";
}
