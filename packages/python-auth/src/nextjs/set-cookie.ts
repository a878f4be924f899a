/** A `Set-Cookie` header, read. */
export interface ParsedSetCookie {
  /** Empty for a cookie without a name, and, like everything else, when the header could not be read. */
  readonly name: string;
  /** As written: a value in quotes keeps them. */
  readonly value: string;
  readonly httpOnly: boolean;
  readonly secure: boolean;
  readonly sameSite: "strict" | "lax" | "none" | undefined;
  readonly path: string | undefined;
  readonly domain: string | undefined;
  /** Seconds. */
  readonly maxAge: number | undefined;
  readonly expires: string | undefined;
  readonly rawAttributes: readonly string[];
}

/** What `getSetCookieHeaders` reads of an answer's headers. */
export interface HeadersLike {
  get(name: string): string | null;
  getSetCookie?: () => string[];
}

const MAX_HEADER_LENGTH = 8192;
const MAX_HEADERS = 64;
// A comma ends a cookie only where a name and `=` follow; the one inside `Expires=Wed, 09 Jun` does not.
const COMMA_BEFORE_COOKIE = /,(?=[ \t]*[!#$%&'*+.^_`|~0-9A-Za-z-]+=)/;

/** Returns each `Set-Cookie` header, also where the runtime has joined them into one. */
export function getSetCookieHeaders(headers: HeadersLike): string[] {
  if (typeof headers.getSetCookie === "function") return headers.getSetCookie();
  const joined = headers.get("set-cookie") ?? "";
  if (joined === "" || joined.length > MAX_HEADER_LENGTH * MAX_HEADERS) return [];
  return joined.split(COMMA_BEFORE_COOKIE).map((header) => header.trim());
}

/** Returns what a `Set-Cookie` header says. One that a browser would not read has an empty name. */
export function parseSetCookieHeader(raw: string): ParsedSetCookie {
  const [pair = "", ...attributes] = raw.split(";").map((segment) => segment.trim());
  const equals = pair.indexOf("=");
  if (raw.length > MAX_HEADER_LENGTH || /[\r\n]/.test(raw) || equals < 0) return parsed("", "", []);
  return parsed(pair.slice(0, equals).trim(), pair.slice(equals + 1).trim(), attributes);
}

function parsed(name: string, value: string, rawAttributes: readonly string[]): ParsedSetCookie {
  const attributes = new Map(rawAttributes.map(readAttribute));
  const sameSite = attributes.get("samesite")?.toLowerCase();
  const maxAge = Number.parseInt(attributes.get("max-age") ?? "", 10);
  return {
    name,
    value,
    httpOnly: attributes.has("httponly"),
    secure: attributes.has("secure"),
    sameSite: sameSite === "strict" || sameSite === "lax" || sameSite === "none" ? sameSite : undefined,
    path: attributes.get("path"),
    domain: attributes.get("domain")?.toLowerCase(),
    maxAge: Number.isNaN(maxAge) ? undefined : maxAge,
    expires: attributes.get("expires"),
    rawAttributes,
  };
}

function readAttribute(attribute: string): [name: string, value: string] {
  const [name = "", ...value] = attribute.split("=");
  return [name.trim().toLowerCase(), value.join("=").trim()];
}

/**
 * Returns the headers without those that a later one replaces, in the order of the last writers.
 *
 * A browser tells cookies apart by name, domain and path. Headers that it would not read are left out.
 */
export function dedupeSetCookieHeaders(headers: readonly string[]): string[] {
  const last = new Map<string, string>();
  for (const header of headers) {
    const { name, domain, path } = parseSetCookieHeader(header);
    if (name === "") continue;
    const key = JSON.stringify([name, domain, path]);
    last.delete(key);
    last.set(key, header);
  }
  return [...last.values()];
}

/** Returns a `Set-Cookie` header with another path; nothing else is changed. */
export function withCookiePath(header: string, path: string): string {
  const segments = header.split(";");
  const others = segments.filter((segment) => readAttribute(segment)[0] !== "path");
  // The first segment is the cookie itself, which may be named like the attribute.
  const [cookie, ...attributes] = others[0] === segments[0] ? others : [segments[0], ...others];
  return [cookie, ` Path=${path}`, ...attributes].join(";");
}
