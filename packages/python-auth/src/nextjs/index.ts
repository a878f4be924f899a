export { isBackgroundRequest, type RequestWithHeaders } from "./background.ts";
export {
  buildSilentRefreshUrl,
  CLIENT_REFRESH_ROUTE,
  LOGOUT_ROUTE,
  type RequestWithUrl,
  SILENT_REFRESH_ROUTE,
} from "./routes.ts";
export { resolveSafeDestination } from "./safe-path.ts";
export {
  dedupeSetCookieHeaders,
  getSetCookieHeaders,
  type HeadersLike,
  type ParsedSetCookie,
  parseSetCookieHeader,
} from "./set-cookie.ts";
