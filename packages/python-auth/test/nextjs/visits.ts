import { type AuthProxyConfig, createAuthProxy } from "@bymax-one/python-auth/nextjs";
import { NextRequest, type NextResponse } from "next/server.js";
import { CLAIMS, SECRET, sign } from "../edge/tokens.ts";

export const ORIGIN: string = "https://app.test";

/** Returns an access token of somebody who is signed in now, with some claims changed. */
export function accessToken(claims: Record<string, unknown> = {}, secret: string = SECRET): string {
  const now = Math.floor(Date.now() / 1000);
  return sign({ ...CLAIMS, iat: now - 10, exp: now + 900, ...claims }, undefined, secret);
}

export const EXPIRED_TIMES: { iat: number; exp: number } = { iat: 1_600_000_000, exp: 1_600_000_900 };

export interface Visit {
  readonly method?: string;
  /** The access token: one that is made with these claims, or this text. */
  readonly access?: string | Record<string, unknown>;
  readonly hasSession?: boolean;
  readonly headers?: Record<string, string>;
  readonly basePath?: string;
}

/** Returns a request as Next makes it. */
export function requestTo(path: string, visit: Visit = {}): NextRequest {
  const { access, hasSession = false, headers = {}, method = "GET", basePath } = visit;
  const cookies: string[] = [];
  if (access !== undefined) {
    cookies.push(`access_token=${typeof access === "string" ? access : accessToken(access)}`);
  }
  if (hasSession) cookies.push("has_session=1");
  return new NextRequest(ORIGIN + path, {
    method,
    headers: { ...headers, ...(cookies.length > 0 && { cookie: cookies.join("; ") }) },
    ...(basePath !== undefined && { nextConfig: { basePath } }),
  });
}

export const BACKGROUND: Record<string, string> = { "sec-fetch-mode": "cors" };

export const ROUTES: AuthProxyConfig = {
  jwtSecret: SECRET,
  publicRoutes: ["/", "/login", "/about"],
  publicRoutesRedirectIfAuthenticated: ["/login"],
  protectedRoutes: [
    { pattern: "/admin/:path*", allowedRoles: ["admin"] },
    { pattern: "/staff/:path*", allowedRoles: ["staff"], redirectPath: "/help?from=staff#top" },
    { pattern: "/nobody", allowedRoles: [] },
    { pattern: "/dashboard/:path*" },
  ],
  getDefaultDashboard: (role) => `/dashboard/${role}`,
  blockedUserStatuses: ["Banned"],
};

/** Returns the proxy's answer to one request. */
export function ask(path: string, visit: Visit = {}, config: AuthProxyConfig = {}): Promise<NextResponse> {
  return createAuthProxy({ ...ROUTES, ...config }).proxy(requestTo(path, visit));
}

/** Returns what an answer does: `next`, its status, or its status and where it sends the browser. */
export function done(answer: Response): string {
  if (answer.headers.get("x-middleware-next") === "1") return "next";
  const location = answer.headers.get("location");
  if (location === null) return `${answer.status}`;
  const url = new URL(location);
  if (url.origin !== ORIGIN) throw new Error(`off the origin: ${location}`);
  return `${answer.status} ${url.pathname}${url.search}${url.hash}`;
}

/** Returns a header that the page gets instead of what the browser sent; null when it gets none. */
export function forwarded(answer: Response, name: string): string | null {
  const names = answer.headers.get("x-middleware-override-headers")?.split(",") ?? [];
  return names.includes(name) ? answer.headers.get(`x-middleware-request-${name}`) : null;
}
