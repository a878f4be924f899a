import { type DecodedToken, isTokenExpired, verifyJwtToken } from "@bymax-one/python-auth/edge";

/** What a token is verified with. */
export interface TokenSettings {
  readonly jwtSecret: string | null;
  readonly previousJwtSecrets: readonly string[];
  readonly expectedIssuer: string | null;
  readonly expectedAudience: string | null;
}

export function verifyAccessToken(raw: string, settings: TokenSettings): Promise<DecodedToken> {
  const binding = { issuer: settings.expectedIssuer, audience: settings.expectedAudience };
  return verifyJwtToken(raw, settings.jwtSecret, binding, undefined, {
    previousSecrets: settings.previousJwtSecrets,
  });
}

/** Whether a token is of somebody who is signed in, and not of somebody who still owes the second factor. */
export function isSession(token: DecodedToken): boolean {
  const { type } = token.payload;
  const isAccess = type === "dashboard" || type === "platform";
  return token.isValid && token.signatureVerified && !isTokenExpired(token) && isAccess;
}

/** Returns the token's status in lower case when it is a blocked one. */
export function blockedStatus(token: DecodedToken, blocked: readonly string[]): string | undefined {
  const { status } = token.payload;
  if (typeof status !== "string") return undefined;
  return blocked.map((entry) => entry.toLowerCase()).find((entry) => entry === status.toLowerCase());
}
