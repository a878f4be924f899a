import type { DecodedToken } from "@bymax-one/python-auth/edge";
import type { UserHeaders } from "./proxy-config.ts";

const TENANT_ALIAS = "x-user-tenant-id";
const STATUS = "x-user-status";
const IDENTITY = [
  "x-user-id",
  "x-user-role",
  "x-tenant-id",
  "x-tenant-domain",
  TENANT_ALIAS,
  STATUS,
] as const;

/** Returns the request's headers without any that say who is signed in: whoever sent them made them up. */
export function withoutIdentity(headers: Headers, names: UserHeaders): Headers {
  const copy = new Headers(headers);
  for (const name of [...IDENTITY, ...Object.values(names)]) copy.delete(name);
  return copy;
}

/** Returns the request's headers with those of the verified token; they replace whatever was sent. */
export function withIdentity(headers: Headers, names: UserHeaders, token: DecodedToken): Headers {
  const copy = withoutIdentity(headers, names);
  const claims: [name: string, claim: unknown][] = [
    [names.userId, token.sub],
    [names.role, token.role],
    [names.tenantId, token.tenantId],
    [TENANT_ALIAS, token.tenantId],
    [names.tenantDomain, token.payload.tenantDomain],
    [STATUS, token.payload.status],
  ];
  for (const [name, claim] of claims) {
    const value = headerValue(claim);
    if (value !== "") copy.set(name, value);
  }
  return copy;
}

/** Returns a claim as a header can hold it, encoded when it has letters that a header cannot hold; `""` for none. */
export function headerValue(claim: unknown): string {
  if (typeof claim !== "string") return "";
  const value = claim.replaceAll("\r", "").replaceAll("\n", "").replaceAll("\0", "");
  if (/^[ -~]*$/.test(value)) return value;
  try {
    return encodeURIComponent(value);
  } catch {
    // Half of a character has no encoding.
    return "";
  }
}
