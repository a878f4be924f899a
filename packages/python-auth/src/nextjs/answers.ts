import { type NextRequest, NextResponse } from "next/server.js";
import { toSameOriginPath } from "./safe-path.ts";

const NO_STORE = "no-store, no-cache";

/** Refuses without a body: who asked in the background reads nothing but the status. */
export function refuse(status: 401 | 403): NextResponse {
  return new NextResponse(null, { status, headers: { "cache-control": NO_STORE } });
}

/**
 * Sends a browser to another page of the application.
 *
 * After anything but GET and HEAD it is told to GET the page: 307 would send the body there.
 *
 * @param path - With the application's base path.
 */
export function redirectTo(request: NextRequest, path: string): NextResponse {
  // Next reads a proxy's Location without a base, and makes it relative when the host is its own.
  const location = new URL(toSameOriginPath(path), request.nextUrl.origin);
  return new NextResponse(null, {
    status: isRead(request) ? 307 : 303,
    headers: { location: location.href, "cache-control": NO_STORE },
  });
}

export function isRead(request: NextRequest): boolean {
  return request.method === "GET" || request.method === "HEAD";
}
