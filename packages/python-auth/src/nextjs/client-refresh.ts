import type { NextRequest } from "next/server.js";
import { guarded, jsonWith, refuseUnlessOwnPost, relayedCookies } from "./handler-answers.ts";
import {
  type AuthHandlerConfig,
  type ClientRefreshHandlerConfig,
  type ResolvedHandlerConfig,
  resolveHandlerConfig,
} from "./handler-config.ts";
import { sharedRefresh } from "./shared-refresh.ts";

export type ClientRefreshHandler = (request: NextRequest) => Promise<Response>;

// The server's own words; its answer is not relayed.
const MESSAGES: Readonly<Record<string, string>> = {
  "auth.refresh_token_invalid": "Invalid or expired refresh token",
  "auth.account_inactive": "Account inactive",
  "auth.account_suspended": "Account suspended",
  "auth.account_banned": "Account banned",
  "auth.pending_approval": "Account pending approval",
  "auth.too_many_requests": "Too many requests. Please slow down and try again shortly.",
  "auth.overloaded": "The server is busy. Please try again shortly.",
  "auth.unavailable": "The service is temporarily unavailable. Please try again shortly.",
};

/**
 * Makes the handler that refreshes a session for the page's own requests: `POST /api/auth/client-refresh`.
 *
 * Answers 200 with what the server says of the user, without tokens; 401 or 403 when the session has ended; 429
 * or 503 when the server could not say.
 *
 * @throws Error when the configuration cannot work.
 */
export function createClientRefreshHandler(
  config: ClientRefreshHandlerConfig | AuthHandlerConfig,
): ClientRefreshHandler {
  const resolved = resolveHandlerConfig("createClientRefreshHandler", config);
  return guarded(async (request) => refuseUnlessOwnPost(request) ?? (await refresh(request, resolved())));
}

async function refresh(request: NextRequest, config: ResolvedHandlerConfig): Promise<Response> {
  const verdict = await sharedRefresh(request, config);
  if (verdict.kind === "ok") {
    const cookies = relayedCookies(verdict.cookies, config);
    return jsonWith(withoutTokens(verdict.body), 200, { cookies });
  }
  const { code, status } = verdict;
  const retryAfter = verdict.kind === "unavailable" ? verdict.retryAfter : undefined;
  const headers = retryAfter === undefined ? {} : { "retry-after": retryAfter };
  return jsonWith({ error: { code, message: MESSAGES[code], details: null } }, status, { headers });
}

/** Returns the server's answer without what scripts of the page must not read. */
function withoutTokens(body: unknown): object {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return {};
  const { accessToken, refreshToken, ...rest } = body as Record<string, unknown>;
  return rest;
}
