import { decodedToken, EMPTY } from "./decoded-token.ts";
import { readSegments } from "./segments.ts";
import type { DecodedToken } from "./types.ts";

/**
 * Reads a token without verifying it: for what is shown, never for what is allowed.
 *
 * Never throws. `signatureVerified` is always false; `isValid` says only that `exp` is in the future.
 */
export function decodeJwtToken(token: string): DecodedToken {
  const read = readSegments(token);
  if (!read) return EMPTY;
  const decoded = decodedToken(read.header, read.payload, { isValid: false, signatureVerified: false });
  return { ...decoded, isValid: !isTokenExpired(decoded) };
}

/** Whether a token has expired, to the second; one that does not say when has. */
export function isTokenExpired(token: DecodedToken): boolean {
  return typeof token.exp !== "number" || token.exp <= Math.floor(Date.now() / 1000);
}

/** The user's id, empty when the token has none. */
export function getUserId(token: DecodedToken): string {
  return token.sub ?? "";
}

/** The user's role, empty when the token has none. */
export function getUserRole(token: DecodedToken): string {
  return token.role ?? "";
}

/** The user's tenant; tokens of the platform have none. */
export function getTenantId(token: DecodedToken): string | undefined {
  return token.tenantId;
}
