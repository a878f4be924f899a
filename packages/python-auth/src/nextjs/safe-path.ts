/** Whether a browser would read the text as something else: it takes `\` for `/`, and drops some controls. */
export function hasBackslashOrControl(text: string): boolean {
  return [...text].some((character) => character < " " || character === "\u007f" || character === "\\");
}

/**
 * Whether a browser reads the text as a path of the origin that it is on.
 *
 * Browsers read `//host` and `/\host` as another host, and drop tabs and line breaks before they look.
 */
export function isSafePath(text: unknown): text is string {
  return (
    typeof text === "string" && text.startsWith("/") && !text.startsWith("//") && !hasBackslashOrControl(text)
  );
}

/** Returns the path, `/` for what leaves the origin; asked at every line that writes a `Location`. */
export function toSameOriginPath(path: unknown): string {
  return isSafePath(path) ? path : "/";
}

/**
 * Returns where a browser may be sent that asked for `raw`: a path of this origin with its query and fragment.
 *
 * @param raw - What the request says, of any form.
 * @param origin - The origin that the path must stay on, such as `https://app.example`.
 * @param loginPath - Returned for everything that is no such path.
 */
export function resolveSafeDestination(
  raw: string | null | undefined,
  origin: string,
  loginPath: string,
): string {
  if (!isSafePath(raw) || !URL.canParse(raw, origin)) return loginPath;
  const url = new URL(raw, origin);
  const resolved = url.pathname + url.search + url.hash;
  // Resolving dot segments makes `//host` of paths that passed, such as `/..//host`.
  return url.origin === new URL(origin).origin && isSafePath(resolved) ? resolved : loginPath;
}

/** Returns the path with query parameters set; its own query and its fragment stay. */
export function withQuery(path: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const [beforeHash = "", ...hash] = path.split("#");
  const [bare, ...query] = beforeHash.split("?");
  const set = Object.entries(parameters).filter(([, value]) => value !== undefined);
  const names = set.map(([name]) => name);
  const kept = withoutParameters(query.join("?"), names);
  const added = set.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(`${value}`)}`);
  const search = [kept, ...added].filter((part) => part !== "").join("&");
  return bare + (search && `?${search}`) + hash.map((part) => `#${part}`).join("");
}

/** Returns a query without these parameters; the others keep every byte. */
export function withoutParameters(query: string, names: readonly string[]): string {
  return query
    .split("&")
    .filter((pair) => !names.some((name) => new URLSearchParams(pair).has(name)))
    .join("&");
}
