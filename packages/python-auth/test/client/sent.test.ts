import { type AuthTokens, createAuthFetch } from "@bymax-one/python-auth/client";
import { afterEach, expect, test, vi } from "vitest";
import { expiring, REFRESH } from "./expiring.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

interface Sent {
  readonly address: string;
  readonly init: RequestInit;
}

const TOKENS: AuthTokens = { accessToken: "a", refreshToken: "r" };
const tokenStore = { get: () => TOKENS, set: () => undefined };

/** Stands in for the browser's `fetch`, whose credentials and rooted addresses Node does not know. */
function recorded(first: Response): Sent[] {
  const sent: Sent[] = [];
  vi.stubGlobal("fetch", async (input: RequestInfo | URL, init: RequestInit) => {
    sent.push({ address: String(input), init });
    return sent.length === 1 ? first : Response.json(TOKENS);
  });
  return sent;
}

const expired = () => Response.json({ error: { code: "auth.token_invalid", message: "m" } }, { status: 401 });

test.each([
  ["cookies", {}, "include"],
  ["stored tokens", { tokenStore }, "omit"],
  ["cookies of one origin", { credentials: "same-origin" }, "same-origin"],
  ["stored tokens beside cookies", { tokenStore, credentials: "include" }, "include"],
] as const)(
  "requests and refreshes with %s are sent with the credentials they need",
  async (_with, config, credentials) => {
    const sent = recorded(expired());
    await createAuthFetch(config)("/data");
    expect(sent.map(({ init }) => init.credentials)).toEqual([credentials, credentials, credentials]);
  },
);

test.each([
  ["cookies", {}, "/api/auth/client-refresh"],
  ["stored tokens", { tokenStore }, "/auth/refresh"],
  [
    "stored tokens below a base",
    { tokenStore, baseUrl: "https://api.test/v1" },
    "https://api.test/v1/auth/refresh",
  ],
])("a refresh with %s goes to its own address", async (_with, config, address) => {
  const sent = recorded(expired());
  await createAuthFetch(config)("https://api.test/data");
  expect(sent[1]?.address).toBe(address);
});

test("the body of a refusal that is followed by a repetition is let go of", async () => {
  const refused = expired();
  recorded(refused);
  expect((await createAuthFetch()("/data")).status).toBe(200);
  expect(refused.bodyUsed).toBe(true);
});

test.each([
  ["/auth/login", 0],
  ["/api/v1/auth/login", 0],
  ["/shop/login", 1],
])(
  "the refusal of a sign-in is no expired session, and of another page it is: %s",
  async (path, refreshes) => {
    const server = await expiring();
    await createAuthFetch({ refreshEndpoint: server.url + REFRESH })(server.url + path);
    expect(server.count(REFRESH)).toBe(refreshes);
  },
);

test("with cookies a request is repeated although it has an authorization of its own", async () => {
  const server = await expiring();
  const fetched = createAuthFetch({ refreshEndpoint: server.url + REFRESH });
  const answer = await fetched(`${server.url}/data`, { headers: { authorization: "Basic eA==" } });
  expect(answer.status).toBe(200);
  expect(server.count(REFRESH)).toBe(1);
});
