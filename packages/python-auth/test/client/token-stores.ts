import type { AuthTokenStore, AuthTokens } from "@bymax-one/python-auth/client";

/** A store of tokens in memory, whose content a test reads and replaces. */
export interface MemoryStore extends AuthTokenStore {
  tokens: AuthTokens | null;
}

export function memory(tokens: AuthTokens | null): MemoryStore {
  return {
    tokens,
    get() {
      return this.tokens;
    },
    async set(next) {
      this.tokens = next;
    },
  };
}

/** Returns tokens as the server issues them: the access token says whose they are. */
export function tokensOf(sub: string, number: number, tenantId = "acme"): AuthTokens {
  const segments = [
    { alg: "HS256", typ: "JWT" },
    { sub, tenantId, name: "Zoë ÿ?>", number },
  ];
  const [header, payload] = segments.map((segment) =>
    Buffer.from(JSON.stringify(segment)).toString("base64url"),
  );
  return { accessToken: `${header}.${payload}.signature`, refreshToken: `${sub}-${tenantId}-${number}` };
}
