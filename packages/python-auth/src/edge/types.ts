import type { AuthJwtPayload } from "@bymax-one/python-auth/shared";

/** The members of a token's header that this package knows; a token of the server has the first two. */
export interface JwtHeader {
  readonly alg?: string;
  readonly typ?: string;
  readonly kid?: string;
}

type NameOf<Payload> = Payload extends unknown ? keyof Payload : never;
type ValueOf<Payload, Name> = Payload extends unknown
  ? Name extends keyof Payload
    ? Payload[Name]
    : never
  : never;

/** The claims that the server writes; which of them a token has depends on its `type`. */
type KnownClaims = { readonly [Name in NameOf<AuthJwtPayload>]?: ValueOf<AuthJwtPayload, Name> };

/**
 * What a token says, and what is known about it.
 *
 * `isValid` and `signatureVerified` are independent: a decision about access needs both to be true. After a
 * failure both are false, the payload is empty, and everything else is undefined.
 */
export interface DecodedToken {
  /** Whether the token has not expired, and `verifyJwtToken` found nothing else wrong with it. */
  readonly isValid: boolean;
  /** Whether the signature and everything but the expiry was verified; never after `decodeJwtToken`. */
  readonly signatureVerified: boolean;
  readonly header: JwtHeader | undefined;
  /** Every claim, those that this package does not know too. */
  readonly payload: Readonly<Record<string, unknown>> & KnownClaims;
  readonly sub: string | undefined;
  readonly role: string | undefined;
  readonly tenantId: string | undefined;
  /** Seconds since 1970. */
  readonly exp: number | undefined;
  /** Seconds since 1970. */
  readonly iat: number | undefined;
}

/** What a token must be issued by and for; null and undefined ask for nothing. */
export interface TokenBinding {
  readonly issuer?: string | null | undefined;
  readonly audience?: string | null | undefined;
}

export interface VerifyOptions {
  /** The time in seconds since 1970, by default this clock's. */
  readonly now?: number | undefined;
  /**
   * How many seconds clocks may differ, 0 to 300, for issue and expiry alike. By default a token may be issued
   * 60 seconds ahead of this clock, and expires to the second, as on the server.
   */
  readonly clockToleranceSeconds?: number | undefined;
  /** Secrets that signed tokens before the current one, and still verify them. */
  readonly previousSecrets?: readonly string[] | undefined;
}
