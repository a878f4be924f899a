/**
 * What a bundle for browsers gets instead of the entries for servers, under the same names.
 *
 * Importing `server-only` fails a build of Next; any other bundle fails when it is loaded, without holding
 * any code that handles secrets.
 */
import "server-only";

function refuse(): never {
  throw new Error(
    "@bymax-one/python-auth: this entry is for servers: import it in no code that browsers load",
  );
}

export const CLIENT_REFRESH_ROUTE: typeof refuse = refuse;
export const LOGOUT_ROUTE: typeof refuse = refuse;
export const SILENT_REFRESH_ROUTE: typeof refuse = refuse;
export const buildSilentRefreshUrl: typeof refuse = refuse;
export const createAuthForwardHandler: typeof refuse = refuse;
export const createAuthProxy: typeof refuse = refuse;
export const createClientRefreshHandler: typeof refuse = refuse;
export const createGetSession: typeof refuse = refuse;
export const createLogoutHandler: typeof refuse = refuse;
export const createSilentRefreshHandler: typeof refuse = refuse;
export const decodeJwtToken: typeof refuse = refuse;
export const dedupeSetCookieHeaders: typeof refuse = refuse;
export const getSetCookieHeaders: typeof refuse = refuse;
export const getTenantId: typeof refuse = refuse;
export const getUserId: typeof refuse = refuse;
export const getUserRole: typeof refuse = refuse;
export const isBackgroundRequest: typeof refuse = refuse;
export const isTokenExpired: typeof refuse = refuse;
export const parseSetCookieHeader: typeof refuse = refuse;
export const resolveSafeDestination: typeof refuse = refuse;
export const verifyJwtToken: typeof refuse = refuse;

refuse();
