export type { AuthJwtPayload } from "@bymax-one/python-auth/shared";
export { decodeJwtToken, getTenantId, getUserId, getUserRole, isTokenExpired } from "./decode.ts";
export type { DecodedToken, JwtHeader, TokenBinding, VerifyOptions } from "./types.ts";
export { verifyJwtToken } from "./verify.ts";
