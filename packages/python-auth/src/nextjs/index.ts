/** What an application of Next.js needs on its server: the proxy, the handlers, and who is signed in. */
export {
  type DecodedToken,
  decodeJwtToken,
  getTenantId,
  getUserId,
  getUserRole,
  isTokenExpired,
  type JwtHeader,
  type TokenBinding,
  type VerifyOptions,
  verifyJwtToken,
} from "@bymax-one/python-auth/edge";
export type { AuthJwtPayload } from "@bymax-one/python-auth/shared";
export { isBackgroundRequest, type RequestWithHeaders } from "./background.ts";
export { type ClientRefreshHandler, createClientRefreshHandler } from "./client-refresh.ts";
export { type AuthForwardHandler, createAuthForwardHandler, type ForwardContext } from "./forward.ts";
export type {
  AuthForwardHandlerConfig,
  AuthHandlerConfig,
  ClientRefreshHandlerConfig,
  LogoutHandlerConfig,
  LogoutHandlerRedirectConfig,
  LogoutHandlerStatusConfig,
  SilentRefreshHandlerConfig,
} from "./handler-config.ts";
export { createLogoutHandler, type LogoutHandler } from "./logout.ts";
export { type AuthProxyInstance, createAuthProxy } from "./proxy.ts";
export type {
  AuthProxyConfig,
  AuthProxyRoleRule,
  ProtectedRoutePattern,
  ResolvedAuthProxyConfig,
} from "./proxy-config.ts";
export {
  buildSilentRefreshUrl,
  CLIENT_REFRESH_ROUTE,
  LOGOUT_ROUTE,
  type RequestWithUrl,
  SILENT_REFRESH_ROUTE,
} from "./routes.ts";
export { resolveSafeDestination } from "./safe-path.ts";
export { createGetSession, type Session } from "./session.ts";
export {
  dedupeSetCookieHeaders,
  getSetCookieHeaders,
  type HeadersLike,
  type ParsedSetCookie,
  parseSetCookieHeader,
} from "./set-cookie.ts";
export { createSilentRefreshHandler, type SilentRefreshHandler } from "./silent-refresh.ts";
