import { type AuthTokens, createAuthClient } from "@bymax-one/python-auth/client";
import { afterEach, expect, test } from "vitest";
import { EXPIRED, serving } from "../serving.ts";

afterEach(() => {
  Reflect.deleteProperty(globalThis, "location");
});

function storing(tokens: AuthTokens | null) {
  const stored = { tokens };
  const get = () => stored.tokens;
  const set = (next: AuthTokens | null): void => {
    stored.tokens = next;
  };
  return { stored, tokenStore: { get, set } };
}

const OLD: AuthTokens = { accessToken: "a1", refreshToken: "r1" };
const NEW: AuthTokens = { accessToken: "a2", refreshToken: "r2" };
const INPUT = { email: "ana@example.com", password: "x", tenantId: "t" };

test("a sign-in that asks for a second factor keeps the tokens of the session before it", async () => {
  const { url } = await serving(() => ({ json: { mfaRequired: true, mfaTempToken: "m" } }));
  const { stored, tokenStore } = storing(OLD);
  await createAuthClient({ baseUrl: url, tokenStore }).login(INPUT);
  expect(stored.tokens).toEqual(OLD);
});

test("an answer that says that no second factor is needed is a session", async () => {
  const { url } = await serving(() => ({ json: { mfaRequired: false, user: { id: "u" } } }));
  const client = createAuthClient({ baseUrl: url });
  expect(await client.login(INPUT)).toMatchObject({ accessToken: "", user: { id: "u" } });
  expect(await client.mfaChallenge("m", "123456")).toMatchObject({ accessToken: "", user: { id: "u" } });
});

test("a second factor that is asked for again is told as the server's fault", async () => {
  const { url } = await serving(() => ({ json: { mfaRequired: true, mfaTempToken: "m" } }));
  const challenge = createAuthClient({ baseUrl: url }).mfaChallenge("m", "123456");
  await expect(challenge).rejects.toMatchObject({
    status: 502,
    message: expect.stringMatching("second factor"),
  });
});

test("stored tokens are refreshed at the server, also on a page of its own origin", async () => {
  const { url, received } = await serving(({ path, headers }) => {
    if (path === "/auth/refresh") return { json: { user: {}, ...NEW } };
    return headers.authorization === "Bearer a2" ? { json: { id: "u" } } : EXPIRED;
  });
  Object.defineProperty(globalThis, "location", { value: new URL(url), configurable: true });
  const { stored, tokenStore } = storing(OLD);
  expect(await createAuthClient({ baseUrl: url, tokenStore }).getMe()).toEqual({ id: "u" });
  expect(stored.tokens).toEqual(NEW);
  expect(received.map(({ path }) => path)).toEqual(["/auth/me", "/auth/refresh", "/auth/me"]);
});
