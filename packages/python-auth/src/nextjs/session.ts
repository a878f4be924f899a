import { type DecodedToken, getTenantId, getUserId, getUserRole } from "@bymax-one/python-auth/edge";
import { blockedStatus, isSession, verifyAccessToken } from "./access-token.ts";
import { isBuilding } from "./build-phase.ts";
import { type AuthProxyConfig, resolveProxyConfig } from "./proxy-config.ts";

/** Who is signed in, as their access token says. */
export interface Session {
  readonly userId: string;
  readonly role: string;
  /** Administrators of the platform have none. */
  readonly tenantId: string | undefined;
  /** Seconds since 1970. */
  readonly expiresAt: number;
  /** All that the token says. */
  readonly token: DecodedToken;
}

/**
 * Makes the function that tells a server component who is signed in.
 *
 * It only reads: a server component cannot set cookies, and so never refreshes. A page that gets null sends the
 * browser to the silent refresh, `redirect(`${SILENT_REFRESH_ROUTE}?redirect=/here`)`, or to the login page; one
 * behind the proxy gets null only when the token expires in between.
 *
 * ```ts
 * export const getSession = createGetSession({ jwtSecret: process.env.JWT_SECRET });
 * ```
 *
 * @param config - The configuration of `createAuthProxy`; what is only the proxy's is not used.
 * @throws Error when the configuration cannot work.
 */
export function createGetSession(config: AuthProxyConfig): () => Promise<Session | null> {
  const resolve = () => resolveProxyConfig("createGetSession", config);
  const hasSecret = Boolean(config.jwtSecret ?? config.accessTokenSecret);
  const resolved = isBuilding() && !hasSecret ? undefined : resolve();
  return async () => {
    // Loaded here, because the proxy needs nothing of it.
    const { cookies } = await import("next/headers.js");
    // Asked first: a build, which may have no secret, learns from it that the page belongs to a request.
    const sent = await cookies();
    const settings = resolved ?? resolve();
    const raw = sent.get(settings.cookieNames.access)?.value ?? "";
    const token = await verifyAccessToken(raw, settings);
    const isBlocked = blockedStatus(token, settings.blockedUserStatuses) !== undefined;
    return isSession(token) && !isBlocked ? sessionOf(token) : null;
  };
}

function sessionOf(token: DecodedToken): Session {
  return {
    userId: getUserId(token),
    role: getUserRole(token),
    tenantId: getTenantId(token),
    // A token without an expiry is no session.
    expiresAt: token.exp as number,
    token,
  };
}
