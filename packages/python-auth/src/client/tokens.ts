import { asRecord } from "./error-code.ts";
import type { AuthTokenStore, AuthTokens } from "./types.ts";

/** The tokens of whoever is signed in, where there is a store and somebody is. */
export type MaybeTokens = AuthTokens | null | undefined;

/** Returns the header of a request of whoever has the tokens. */
export function bearer(tokens: AuthTokens): string {
  return `Bearer ${tokens.accessToken}`;
}

/**
 * Stores what a refresh made of the tokens that it sent; returns whether it did.
 *
 * It does not where the store holds others: a sign-out or a sign-in during the refresh stands.
 */
export async function replaced(
  store: AuthTokenStore,
  sent: MaybeTokens,
  next: AuthTokens | null,
): Promise<boolean> {
  if ((await store.get())?.refreshToken !== sent?.refreshToken) return false;
  await store.set(next);
  return true;
}

/** Returns the pair of tokens in an answer; `null` where it has not both. */
export function tokensIn(body: unknown): AuthTokens | null {
  const { accessToken, refreshToken } = asRecord(body);
  return isToken(accessToken) && isToken(refreshToken) ? { accessToken, refreshToken } : null;
}

function isToken(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/**
 * Returns whether two pairs of tokens are of one person in one tenant.
 *
 * Only the server can judge a token; here it need not be genuine, because whoever can write the store can do all that
 * a request could.  Tokens that cannot be read tell no two persons apart.
 */
export function isSamePerson(one: MaybeTokens, other: MaybeTokens): boolean {
  return personOf(one) === personOf(other);
}

function personOf(tokens: MaybeTokens): string | undefined {
  if (!tokens) return undefined;
  const { sub, tenantId } = asRecord(claimsIn(tokens.accessToken));
  return JSON.stringify([sub, tenantId]);
}

function claimsIn(token: string): unknown {
  try {
    const [, payload = ""] = token.split(".");
    return JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
  } catch {
    return null;
  }
}
