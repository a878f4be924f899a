import { trimSlashes } from "./trim-slashes.ts";

const PREFIXED = [
  "register",
  "login",
  "refresh",
  "logout",
  "verify-email",
  "resend-verification",
  "password/forgot-password",
  "password/reset-password",
  "password/verify-otp",
  "password/resend-otp",
  "mfa/challenge",
  "invitations/accept",
  "email/change/confirm",
  "platform/login",
  "platform/refresh",
  "platform/logout",
  "platform/me",
  "platform/sessions",
  "platform/mfa/challenge",
  "platform/mfa/setup",
  "platform/mfa/verify-enable",
  "platform/mfa/disable",
  "platform/mfa/recovery-codes",
] as const;

const UNPREFIXED = ["/api/auth/client-refresh", "/api/auth/silent-refresh"] as const;

/**
 * Returns the ends of the paths whose 401 is never answered by a refresh.
 *
 * These are the token endpoints, which would recurse; the endpoints where no session exists yet; and every
 * platform route, because a dashboard refresh cannot repair a platform credential.
 *
 * @param routePrefix where the server mounts its routes, with or without slashes around it; `""` is the root
 */
export function buildAuthRefreshSkipSuffixes(routePrefix = "auth"): readonly string[] {
  const trimmed = trimSlashes(routePrefix);
  const base = trimmed === "" ? "" : `/${trimmed}`;
  return Object.freeze([...PREFIXED.map((path) => `${base}/${path}`), ...UNPREFIXED]);
}

/** The list for the default prefix. */
export const AUTH_REFRESH_SKIP_PATH_SUFFIXES: readonly string[] = buildAuthRefreshSkipSuffixes();
