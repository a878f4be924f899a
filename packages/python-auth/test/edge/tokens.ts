import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";

export interface Vector {
  readonly name: string;
  readonly token: string;
  readonly secret: string;
  readonly previousSecrets: readonly string[];
  readonly now: number;
  readonly expLeeway: number;
  readonly iatLeeway: number;
  readonly expectedType: string;
  readonly issuer: string | null;
  readonly audience: string | null;
  readonly verdict: "valid" | "refused";
  readonly reason: string | null;
}

/** A token without an expected type, and what the module says of it. */
export interface StatusVector extends Omit<Vector, "expectedType" | "verdict"> {
  readonly expectedType: string | null;
  readonly status: number;
}

const read = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../../../../conformance/${name}`, import.meta.url), "utf8"));

/** The tokens that every verifier of the contract judges alike. */
export const vectors: readonly Vector[] = read("jwt-vectors.json");
/** The tokens whose status at the edge is fixed. */
export const statusVectors: readonly StatusVector[] = read("edge-vectors.json");

export const SECRET: string = "an-edge-test-hs256-secret-key-0123456789";
export const NOW: number = 1_700_000_000;
interface Times {
  readonly iat: number;
  readonly exp: number;
}

export const CLAIMS: Times & Record<string, unknown> = {
  sub: "u_1",
  jti: "3f0c8c1e-7b7a-4c56-9d2e-0a1b2c3d4e5f",
  tenantId: "t_1",
  role: "member",
  type: "dashboard",
  status: "ACTIVE",
  mfaEnabled: true,
  mfaVerified: false,
  iat: NOW - 10,
  exp: NOW + 900,
  epoch: 0,
};
export const PLATFORM_CLAIMS: Times & Record<string, unknown> = {
  sub: "p_1",
  jti: "9b2d7c64-1f0e-4a3b-8c5d-6e7f80912a3b",
  role: "admin",
  type: "platform",
  mfaEnabled: false,
  mfaVerified: true,
  iat: NOW - 10,
  exp: NOW + 900,
  epoch: 0,
};

export const encode = (text: string | Uint8Array): string => Buffer.from(text).toString("base64url");

/** Returns a signed token; header and payload may be given as text, to be spelled in any way. */
export function sign(
  payload: object | string | Uint8Array,
  header: object | string = { alg: "HS256", typ: "JWT" },
  secret: string = SECRET,
): string {
  const raw =
    typeof payload === "string" || payload instanceof Uint8Array ? payload : JSON.stringify(payload);
  return seal(
    `${encode(typeof header === "string" ? header : JSON.stringify(header))}.${encode(raw)}`,
    secret,
  );
}

export function seal(signingInput: string, secret: string = SECRET): string {
  return `${signingInput}.${createHmac("sha256", secret).update(signingInput).digest("base64url")}`;
}
