import type { DecodedToken, JwtHeader } from "./types.ts";

type Members = Readonly<Record<string, unknown>>;

/** The result of every failure. */
export const EMPTY: DecodedToken = Object.freeze({
  isValid: false,
  signatureVerified: false,
  header: undefined,
  payload: Object.freeze({}),
  sub: undefined,
  role: undefined,
  tenantId: undefined,
  exp: undefined,
  iat: undefined,
});

/** Returns the result for a token whose segments were read. */
export function decodedToken(
  header: Members,
  payload: Members,
  verdict: { isValid: boolean; signatureVerified: boolean },
): DecodedToken {
  return {
    ...verdict,
    header: knownHeader(header),
    payload,
    sub: own(payload, "sub", "string"),
    role: own(payload, "role", "string"),
    tenantId: own(payload, "tenantId", "string"),
    exp: own(payload, "exp", "number"),
    iat: own(payload, "iat", "number"),
  };
}

function knownHeader(header: Members): JwtHeader {
  const alg = own(header, "alg", "string");
  const typ = own(header, "typ", "string");
  const kid = own(header, "kid", "string");
  return {
    ...(alg !== undefined && { alg }),
    ...(typ !== undefined && { typ }),
    ...(kid !== undefined && { kid }),
  };
}

/** Returns a member of this type; one that every object inherits is none. */
function own(members: Members, name: string, type: "string"): string | undefined;
function own(members: Members, name: string, type: "number"): number | undefined;
function own(members: Members, name: string, type: string): unknown {
  const value = Object.hasOwn(members, name) ? members[name] : undefined;
  return typeof value === type ? value : undefined;
}
