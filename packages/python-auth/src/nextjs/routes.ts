import { AUTH_PROXY_ROUTES } from "@bymax-one/python-auth/shared";

/** Where the handler of `createSilentRefreshHandler` is mounted. */
export const SILENT_REFRESH_ROUTE: typeof AUTH_PROXY_ROUTES.silentRefresh = AUTH_PROXY_ROUTES.silentRefresh;
/** Where the handler of `createClientRefreshHandler` is mounted. */
export const CLIENT_REFRESH_ROUTE: typeof AUTH_PROXY_ROUTES.clientRefresh = AUTH_PROXY_ROUTES.clientRefresh;
/** Where the handler of `createLogoutHandler` is mounted. */
export const LOGOUT_ROUTE: typeof AUTH_PROXY_ROUTES.logout = AUTH_PROXY_ROUTES.logout;

/** What `buildSilentRefreshUrl` reads of a request. */
export interface RequestWithUrl {
  readonly url: string;
  readonly nextUrl?: { readonly pathname: string; readonly search?: string };
}

/**
 * Returns the address that refreshes the session and comes back.
 *
 * The destination is checked by the handler there, and not here.
 *
 * @param redirectTo - Where to come back to; by default, and when empty, to the request's own path and query.
 * @throws TypeError when the request's address is not of http or https.
 */
export function buildSilentRefreshUrl(request: RequestWithUrl, redirectTo?: string): string {
  const url = new URL(request.url);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new TypeError("buildSilentRefreshUrl: the request's address is not of http or https");
  }
  const destination = redirectTo || ownPath(request, url);
  return `${url.origin}${SILENT_REFRESH_ROUTE}?redirect=${encodeURIComponent(destination)}`;
}

function ownPath({ nextUrl }: RequestWithUrl, url: URL): string {
  return nextUrl ? nextUrl.pathname + (nextUrl.search ?? "") : url.pathname + url.search;
}
