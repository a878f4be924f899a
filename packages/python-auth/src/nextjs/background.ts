/** What `isBackgroundRequest` reads of a request. */
export interface RequestWithHeaders {
  readonly headers: { get(name: string): string | null };
}

// Next removes most of these before it calls the proxy; `next-url` and the `Sec-Fetch` headers arrive.
const CLIENT_ROUTER_HEADERS = [
  "next-url",
  "next-router-state-tree",
  "rsc",
  "next-router-prefetch",
  "next-router-segment-prefetch",
  "next-action",
] as const;

/**
 * Whether a request is no navigation of a browser: the client router's, a prefetch, or a `fetch` of the page.
 *
 * A redirect of such a request would be stored by the client router under the page that it asked for.
 */
export function isBackgroundRequest(request: RequestWithHeaders): boolean {
  const { headers } = request;
  const mode = headers.get("sec-fetch-mode");
  return (
    (mode !== null && mode !== "navigate") ||
    CLIENT_ROUTER_HEADERS.some((name) => headers.get(name)) ||
    isPrefetch(request)
  );
}

/** Whether a browser asks for what nobody has chosen yet. */
export function isPrefetch({ headers }: RequestWithHeaders): boolean {
  return (
    ["purpose", "x-purpose", "x-moz"].some((name) => headers.get(name) === "prefetch") ||
    (headers.get("sec-purpose") ?? "").includes("prefetch")
  );
}
