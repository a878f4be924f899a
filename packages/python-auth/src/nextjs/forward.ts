import { AUTH_DASHBOARD_ROUTES } from "@bymax-one/python-auth/shared";
import type { NextRequest } from "next/server.js";
import { answerWith, guarded, jsonWith, onHandlerPath } from "./handler-answers.ts";
import {
  type AuthForwardHandlerConfig,
  type ResolvedHandlerConfig,
  resolveHandlerConfig,
} from "./handler-config.ts";
import { getSetCookieHeaders } from "./set-cookie.ts";
import { forgetRefreshes } from "./shared-refresh.ts";
import { upstreamHeaders } from "./upstream.ts";

/** What Next gives a handler beside the request. */
export interface ForwardContext {
  readonly params: Promise<{ readonly [name: string]: string | readonly string[] | undefined }>;
}

type ForwardMethod = (request: NextRequest, context: ForwardContext) => Promise<Response>;

/** The methods that the server's routes have. */
export interface AuthForwardHandler {
  readonly GET: ForwardMethod;
  readonly POST: ForwardMethod;
  readonly DELETE: ForwardMethod;
}

const MAX_BODY_BYTES = 1024 * 1024;
const DELIVERY = "x-auth-delivery";
const FORWARDED = [
  "cookie",
  "content-type",
  "accept",
  "accept-language",
  "authorization",
  "user-agent",
  // With these the server decides itself what other sites may ask.
  "origin",
  "sec-fetch-site",
  "x-request-id",
  DELIVERY,
];
// They describe a transfer that ends here. `set-cookie` is copied apart: folded into one it cannot be read.
const NOT_RELAYED = [
  "content-encoding",
  "content-length",
  "transfer-encoding",
  "connection",
  "keep-alive",
  "set-cookie",
];

/**
 * Makes the handlers that pass everything else on to the server: `app/api/auth/[...path]/route.ts`.
 *
 * ```ts
 * export const { GET, POST, DELETE } = createAuthForwardHandler({ apiBase: process.env.API_BASE_URL });
 * ```
 *
 * Answers 404 for a path that the server cannot have, 413 for more than 1 MiB, and 503 when the server cannot be
 * reached; everything else is the server's own answer.
 *
 * @throws Error when the configuration cannot work.
 */
export function createAuthForwardHandler(config: AuthForwardHandlerConfig): AuthForwardHandler {
  const resolved = resolveHandlerConfig("createAuthForwardHandler", config);
  const forward: ForwardMethod = guarded(async (request, { params }) => {
    const path = upstreamPath(Object.values(await params).flat());
    return path === undefined ? answerWith(null, { status: 404 }) : send(request, resolved(), path);
  });
  return { GET: forward, POST: forward, DELETE: forward };
}

function upstreamPath(segments: readonly (string | undefined)[]): string | undefined {
  const written = segments.map((segment = "") => (isPlain(segment) ? encodeURIComponent(segment) : ""));
  return written.length === 0 || written.includes("") ? undefined : written.join("/");
}

/** Whether a segment stays below its parent, also for a server that decodes before it resolves dots. */
function isPlain(segment: string): boolean {
  return !segment.split(/[/\\]/).some((part) => part === "." || part === "..");
}

async function send(request: NextRequest, config: ResolvedHandlerConfig, path: string): Promise<Response> {
  const body = await readBody(request);
  if (body === "too large") return answerWith(null, { status: 413 });
  const base = config.routePrefix === "" ? config.apiBase : `${config.apiBase}/${config.routePrefix}`;
  const headers = upstreamHeaders(request, config, [...FORWARDED, config.tenantHeader]);
  // The server gives a page no tokens that it could read, and would not know that a page is asking.
  if (request.headers.has("sec-fetch-mode") && !headers.has(DELIVERY)) headers.set(DELIVERY, "cookie");
  try {
    const answer = await fetch(`${base}/${path}${request.nextUrl.search}`, {
      method: request.method,
      headers,
      ...(body && { body }),
      redirect: "manual",
      cache: "no-store",
      signal: AbortSignal.timeout(config.timeoutMs),
    });
    return relay(answer, config);
  } catch {
    const message = "The service is temporarily unavailable. Please try again shortly.";
    return jsonWith({ error: { code: "auth.unavailable", message, details: null } }, 503);
  } finally {
    if (mayEndSession(request, path)) forgetRefreshes(request, config, path === AUTH_DASHBOARD_ROUTES.logout);
  }
}

/** Whether a session may have ended: every change counts but the ticket that each tab of a browser asks for. */
function mayEndSession({ method }: NextRequest, path: string): boolean {
  return method !== "GET" && path !== AUTH_DASHBOARD_ROUTES.wsTicket;
}

async function readBody({ body }: NextRequest): Promise<Blob | undefined | "too large"> {
  if (body === null) return undefined;
  const reader = body.getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    size += next.value.byteLength;
    if (size > MAX_BODY_BYTES) {
      await reader.cancel();
      return "too large";
    }
    parts.push(next.value);
  }
  return new Blob(parts);
}

function relay(answer: Response, config: ResolvedHandlerConfig): Response {
  const headers = new Headers();
  for (const [name, value] of answer.headers) {
    if (!NOT_RELAYED.includes(name)) headers.append(name, value);
  }
  const cookies = getSetCookieHeaders(answer.headers);
  if (cookies.length > 0) {
    headers.set("cache-control", "no-store");
    headers.set("cdn-cache-control", "no-store");
  }
  for (const cookie of cookies) headers.append("set-cookie", onHandlerPath(cookie, config));
  return new Response(answer.body, { status: answer.status, headers });
}
