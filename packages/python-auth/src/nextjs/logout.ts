import type { NextRequest } from "next/server.js";
import type { ClientRefreshHandler } from "./client-refresh.ts";
import { clearingCookies, guarded, jsonWith, refuseUnlessOwnPost, seeOther } from "./handler-answers.ts";
import {
  type AuthHandlerConfig,
  type LogoutHandlerConfig,
  type ResolvedHandlerConfig,
  resolveHandlerConfig,
} from "./handler-config.ts";
import { forgetRefreshes } from "./shared-refresh.ts";
import { logoutUpstream } from "./upstream.ts";

export type LogoutHandler = ClientRefreshHandler;

/**
 * Makes the handler that ends a session: `POST /api/auth/logout`.
 *
 * The browser forgets the session whatever the server says.
 *
 * @throws Error when the configuration cannot work.
 */
export function createLogoutHandler(config: LogoutHandlerConfig | AuthHandlerConfig): LogoutHandler {
  const resolved = resolveHandlerConfig("createLogoutHandler", config);
  return guarded(async (request) => refuseUnlessOwnPost(request) ?? (await logout(request, resolved())));
}

async function logout(request: NextRequest, config: ResolvedHandlerConfig): Promise<Response> {
  await logoutUpstream(request, config);
  forgetRefreshes(request, config, true);
  const cookies = clearingCookies(request, config);
  if (!config.redirects) return jsonWith({ ok: true }, 200, { cookies });
  return seeOther(request.nextUrl.basePath + config.loginPath, cookies);
}
