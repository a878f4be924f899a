import {
  createAuthForwardHandler,
  createClientRefreshHandler,
  createLogoutHandler,
  createSilentRefreshHandler,
} from "@bymax-one/python-auth/nextjs";
import { NextRequest } from "next/server.js";
import { type Reply, refusal, type Served, serving } from "../serving.ts";

const ORIGIN = "https://app.test";

/** Cookies as the server sets them after a refresh, one of them twice. */
export const COOKIES: readonly string[] = [
  "access_token=old; Path=/; HttpOnly; Secure; SameSite=Lax",
  "access_token=new; Path=/; HttpOnly; Secure; SameSite=Lax",
  "refresh_token=next; Path=/auth; Expires=Wed, 09 Jun 2027 10:18:14 GMT; HttpOnly; Secure; SameSite=Strict",
  "has_session=1; Path=/; Secure; SameSite=Lax",
];

export interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: BodyInit;
  readonly origin?: string;
  readonly basePath?: string;
}

/** Returns a request as Next makes it. */
export function request(path: string, asked: Asked = {}): NextRequest {
  const { origin = ORIGIN, basePath, ...init } = asked;
  return new NextRequest(origin + path, {
    ...init,
    ...(basePath !== undefined && { nextConfig: { basePath } }),
  });
}

/** A browser with a refresh token, and what it may ask an application for. */
export interface Browser {
  /** A page whose access token has expired. */
  readonly page: () => Promise<Response>;
  /** A frame in which such a page refreshes. */
  readonly frame: () => Promise<Response>;
  /** The refresh of a script. */
  readonly script: () => Promise<Response>;
  readonly signOut: () => Promise<Response>;
  /** A request that is passed on to the server. */
  readonly forward: (method: "GET" | "POST" | "DELETE", path: string) => Promise<Response>;
}

let browsers = 0;

/** Returns a browser with these cookies, by default with a refresh token of its own. */
export function browser(apiBase: string, cookie?: string): Browser {
  browsers += 1;
  const headers: Record<string, string> = { cookie: cookie ?? `refresh_token=browser-${browsers}` };
  const post = { method: "POST", headers };
  const forward = createAuthForwardHandler({ apiBase });
  const silent = (query: string) =>
    createSilentRefreshHandler({ apiBase })(request(`/api/auth/silent-refresh?${query}`, { headers }));
  return {
    page: () => silent("redirect=/a"),
    frame: () => silent("mode=iframe"),
    script: () => createClientRefreshHandler({ apiBase })(request("/api/auth/client-refresh", post)),
    signOut: () => createLogoutHandler({ apiBase })(request("/api/auth/logout", post)),
    forward: (method, path) => {
      const params = Promise.resolve({ path: path.split("/") });
      return forward[method](request(`/api/auth/${path}`, { method, headers }), { params });
    },
  };
}

/** Serves a server that answers a refresh with new cookies. */
export function refreshing(json: unknown = { user: { id: "u_1" } }): Promise<Served> {
  return serving((_request, response) => {
    response.writeHead(200, { "set-cookie": [...COOKIES], "content-type": "application/json" });
    response.end(JSON.stringify(json));
    return undefined;
  });
}

interface Verdict {
  readonly what: string;
  readonly reply: Reply;
  readonly kind: "expired" | "unavailable";
  readonly status: number;
  readonly code: string;
  readonly retryAfter?: string;
}

const ended = { kind: "expired", status: 401, code: "auth.refresh_token_invalid" } as const;
const unsure = { kind: "unavailable", status: 503, code: "auth.unavailable" } as const;

/** What a server may answer instead of new cookies, and what that means. */
export const VERDICTS: readonly Verdict[] = [
  { what: "200 without cookies", reply: { json: { user: {} } }, ...ended },
  { what: "401", reply: refusal(401, "auth.refresh_token_invalid"), ...ended },
  { what: "401 of somebody else", reply: { status: 401, text: "<html>" }, ...ended },
  ...["auth.account_inactive", "auth.account_suspended", "auth.account_banned", "auth.pending_approval"].map(
    (code) =>
      ({ what: `403 ${code}`, reply: refusal(403, code), kind: "expired", status: 403, code }) as const,
  ),
  { what: "403 of an origin", reply: refusal(403, "auth.untrusted_origin"), ...unsure },
  { what: "403 without a body", reply: { status: 403 }, ...unsure },
  { what: "403 with another body", reply: { status: 403, json: { error: null } }, ...unsure },
  { what: "403 with null", reply: { status: 403, json: null }, ...unsure },
  { what: "404", reply: { status: 404 }, ...unsure },
  { what: "302", reply: { status: 302, headers: { location: "/elsewhere" } }, ...unsure },
  { what: "500", reply: refusal(500, "auth.internal"), ...unsure },
  { what: "503", reply: refusal(503, "auth.unavailable"), ...unsure },
  {
    what: "503 overloaded",
    reply: { ...refusal(503, "auth.overloaded"), headers: { "retry-after": "1" } },
    ...unsure,
    code: "auth.overloaded",
    retryAfter: "1",
  },
  {
    what: "429",
    reply: { ...refusal(429, "auth.too_many_requests"), headers: { "retry-after": "12345" } },
    kind: "unavailable",
    status: 429,
    code: "auth.too_many_requests",
    retryAfter: "12345",
  },
  {
    what: "429 with a date",
    reply: {
      ...refusal(429, "auth.too_many_requests"),
      headers: { "retry-after": "Wed, 09 Jun 2027 10:18:14 GMT" },
    },
    kind: "unavailable",
    status: 429,
    code: "auth.too_many_requests",
  },
];

/** Expects what every answer of a handler keeps: no cache stores it, above all not with cookies. */
export function storedNowhere(answer: Response): boolean {
  const setsCookies = answer.headers.getSetCookie().length > 0;
  const cdn = answer.headers.get("cdn-cache-control");
  return answer.headers.get("cache-control") === "no-store" && (cdn === "no-store") === setsCookies;
}

export const CLEARED: readonly string[] = [
  "access_token=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict",
  "refresh_token=; Path=/auth; Max-Age=0; HttpOnly; Secure; SameSite=Strict",
  "refresh_token=; Path=/api/auth; Max-Age=0; HttpOnly; Secure; SameSite=Strict",
  "has_session=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict",
];
