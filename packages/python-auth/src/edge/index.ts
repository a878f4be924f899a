export { decodeJwtToken, getTenantId, getUserId, getUserRole, isTokenExpired } from "./decode.ts";
export type { DecodedToken, JwtHeader, KnownClaims, TokenBinding, VerifyOptions } from "./types.ts";
export { verifyJwtToken } from "./verify.ts";
