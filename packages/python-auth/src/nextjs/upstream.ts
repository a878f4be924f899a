import type { NextRequest } from "next/server.js";
import type { ResolvedHandlerConfig } from "./handler-config.ts";
import { getSetCookieHeaders } from "./set-cookie.ts";

/** What the server said to a refresh. */
export type Verdict =
  | { readonly kind: "ok"; readonly cookies: readonly string[]; readonly body: unknown }
  /** The session has ended. */
  | { readonly kind: "rejected"; readonly status: 401 | 403; readonly code: string }
  /** The browser signed out meanwhile: its token is over, and its cookies may be those of the next person. */
  | { readonly kind: "overtaken"; readonly status: 401; readonly code: string }
  /** The server could not say; the session may be well. */
  | {
      readonly kind: "unavailable";
      readonly status: 429 | 503;
      readonly code: string;
      readonly retryAfter: string | undefined;
    };

const ACCOUNT_STATES = [
  "auth.account_inactive",
  "auth.account_suspended",
  "auth.account_banned",
  "auth.pending_approval",
];
const REFUSED = { status: 401, code: "auth.refresh_token_invalid" } as const;
const ENDED: Verdict = { kind: "rejected", ...REFUSED };
export const OVERTAKEN: Verdict = { kind: "overtaken", ...REFUSED };
const UNREACHABLE: Verdict = unavailable(503, "auth.unavailable", undefined);

/** Asks the server for new tokens. Never throws: what went wrong is a verdict. */
export async function refreshUpstream(request: NextRequest, config: ResolvedHandlerConfig): Promise<Verdict> {
  try {
    const answer = await postUpstream(request, config, config.refreshPath);
    return await judge(answer);
  } catch {
    return UNREACHABLE;
  }
}

/** Tells the server that a session ends. Never throws: the browser forgets it whatever the server says. */
export async function logoutUpstream(request: NextRequest, config: ResolvedHandlerConfig): Promise<void> {
  try {
    const answer = await postUpstream(request, config, config.logoutPath, ["authorization"]);
    await answer.body?.cancel();
  } catch {
    // The session lives on at the server until it expires, without a browser that knows it.
  }
}

function postUpstream(
  request: NextRequest,
  config: ResolvedHandlerConfig,
  path: string,
  further: readonly string[] = [],
): Promise<Response> {
  const headers = upstreamHeaders(request, config, ["user-agent", ...further]);
  headers.set("accept", "application/json");
  headers.set("cookie", request.headers.get("cookie") ?? "");
  return fetch(config.apiBase + path, {
    method: "POST",
    headers,
    redirect: "manual",
    cache: "no-store",
    signal: AbortSignal.timeout(config.timeoutMs),
  });
}

/** Returns some of the request's headers, and the caller's address where the edge writes it. */
export function upstreamHeaders(
  request: NextRequest,
  config: ResolvedHandlerConfig,
  names: readonly string[],
): Headers {
  const headers = new Headers();
  for (const name of names) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  const address = config.clientIpHeader === undefined ? null : request.headers.get(config.clientIpHeader);
  // A list would let its first entry choose whose requests these are counted as.
  if (address !== null && /^[0-9A-Fa-f:.]{2,45}$/.test(address)) headers.set("x-forwarded-for", address);
  return headers;
}

async function judge(answer: Response): Promise<Verdict> {
  const { status, headers } = answer;
  const body = await readJson(answer);
  if (answer.ok) {
    const cookies = getSetCookieHeaders(headers);
    // A server that sets no cookies cannot refresh here; sending the browser back would not end.
    return cookies.length > 0 ? { kind: "ok", cookies, body } : ENDED;
  }
  if (status === 401) return ENDED;
  const code = codeOf(body);
  if (status === 403 && ACCOUNT_STATES.includes(code)) return { kind: "rejected", status, code };
  const written = headers.get("retry-after") ?? "";
  const retryAfter = /^\d{1,5}$/.test(written) ? written : undefined;
  if (status === 429) return unavailable(429, "auth.too_many_requests", retryAfter);
  if (status !== 503) return UNREACHABLE;
  return unavailable(503, code === "auth.overloaded" ? code : "auth.unavailable", retryAfter);
}

function unavailable(status: 429 | 503, code: string, retryAfter: string | undefined): Verdict {
  return { kind: "unavailable", status, code, retryAfter };
}

/** Reads a body that may be none. The cookies of an answer count also when its body is lost. */
async function readJson(answer: Response): Promise<unknown> {
  try {
    return await answer.json();
  } catch {
    return undefined;
  }
}

function codeOf(body: unknown): string {
  const { error } = (body ?? {}) as { error?: { code?: unknown } | null };
  return typeof error?.code === "string" ? error.code : "";
}
