import { type AuthTokens, createAuthClient, createAuthFetch } from "@bymax-one/python-auth/client";
import { describe, expect, test, vi } from "vitest";
import { eventually } from "../eventually.ts";
import { gate } from "../gate.ts";
import { EXPIRED, type Reply, refusal, type Served, serving } from "../serving.ts";
import { stopTheClock } from "../stopped-clock.ts";
import { memory, tokensOf } from "./token-stores.ts";

stopTheClock();

const ADA = tokensOf("ada", 1);
const ADA_LATER = tokensOf("ada", 2);
const GRACE = tokensOf("grace", 1);
const PASSWORD = { email: "grace@example.com", password: "secret" };

interface Held extends Served {
  /** Lets the answers of a path out. */
  open(): void;
  /** Waits until a path was asked for. */
  asked(): Promise<void>;
}

/** A server that holds the answers of one path back; everything else is answered at once. */
async function holding(path: string, answer: (path: string) => Reply): Promise<Held> {
  const held = gate();
  const asked = gate();
  const served = await serving(async ({ path: at }) => {
    if (at === path) {
      asked.open();
      await held.opened;
    }
    return answer(at);
  });
  return { ...served, open: held.open, asked: () => asked.opened };
}

describe("a refresh that the application asks for", () => {
  test.each<[string, AuthTokens | null]>([
    ["a sign-out", null],
    ["the sign-in of somebody else", GRACE],
  ])("is not stored after %s", async (_what, stored) => {
    const server = await holding("/auth/refresh", () => ({ json: { user: {}, ...ADA_LATER } }));
    const tokenStore = memory(ADA);
    const pending = createAuthClient({ baseUrl: server.url, tokenStore }).refresh();
    await server.asked();
    tokenStore.tokens = stored;
    server.open();
    expect(await pending).toHaveProperty("accessToken", ADA_LATER.accessToken);
    expect(tokenStore.tokens).toEqual(stored);
  });

  test("serves no request of the person before, when somebody else signed in during it", async () => {
    const server = await holding("/auth/refresh", (path) =>
      path === "/auth/me" ? EXPIRED : { json: { user: {}, ...ADA_LATER } },
    );
    const tokenStore = memory(ADA);
    const read = vi.spyOn(tokenStore, "get");
    const client = createAuthClient({ baseUrl: server.url, tokenStore });
    const asked = client.refresh();
    await server.asked();
    const me = client.getMe().catch(({ status }) => status);
    // Two for the refresh and its request, one for the other request, and one before that waits for the refresh.
    await eventually(() => expect(read).toHaveBeenCalledTimes(4));
    tokenStore.tokens = GRACE;
    server.open();
    await asked;
    expect(await me).toBe(401);
    expect(server.count("/auth/me")).toBe(1);
  });

  test("is not stored after the client's own sign-out", async () => {
    const server = await holding("/auth/refresh", (path) =>
      path === "/auth/logout" ? { status: 204 } : { json: { user: {}, ...ADA_LATER } },
    );
    const tokenStore = memory(ADA);
    const client = createAuthClient({ baseUrl: server.url, tokenStore });
    const pending = client.refresh();
    await server.asked();
    await client.logout();
    server.open();
    await pending;
    expect(tokenStore.tokens).toBeNull();
  });
});

describe("a sign-out", () => {
  test("that is answered after the next sign-in leaves the new tokens", async () => {
    const server = await holding("/auth/logout", (path) =>
      path === "/auth/logout" ? { status: 204 } : { json: { user: {}, ...GRACE } },
    );
    const tokenStore = memory(ADA);
    const client = createAuthClient({ baseUrl: server.url, tokenStore });
    const pending = client.logout();
    await server.asked();
    await client.login(PASSWORD);
    server.open();
    await pending;
    expect(tokenStore.tokens).toEqual(GRACE);
    const [left] = server.received;
    expect(left?.headers.authorization).toBe(`Bearer ${ADA.accessToken}`);
    expect(JSON.parse(left?.body ?? "")).toEqual({ refreshToken: ADA.refreshToken });
  });

  test("is told to the server, also where the store cannot forget", async () => {
    const { url, count } = await serving(() => ({ status: 204 }));
    const tokenStore = memory(ADA);
    tokenStore.set = () => Promise.reject(new Error("locked"));
    await expect(createAuthClient({ baseUrl: url, tokenStore }).logout()).rejects.toThrow("locked");
    expect(count("/auth/logout")).toBe(1);
  });

  test("without tokens is sent without a header", async () => {
    const { url, received } = await serving(() => ({ status: 204 }));
    await createAuthClient({ baseUrl: url, tokenStore: memory(null) }).logout();
    expect(received[0]?.headers.authorization).toBeUndefined();
    expect(received[0]?.body).toBe("{}");
  });
});

/** Serves whoever has a token other than Ada's first one. */
function unlessAdas(refreshed: Reply) {
  return (path: string): Reply => (path === "/auth/refresh" ? refreshed : { json: {} });
}

/** Sends a request with Ada's expired token; the store changes while it is refreshed. */
async function changedDuringRefresh(refreshed: Reply, stored: AuthTokens | null, sent = ADA) {
  const held = gate();
  const told = vi.fn();
  const server = await serving(async ({ path, headers }) => {
    if (path === "/auth/refresh") {
      await held.opened;
      return refreshed;
    }
    return headers.authorization === `Bearer ${sent.accessToken}` ? EXPIRED : unlessAdas(refreshed)(path);
  });
  const tokenStore = memory(sent);
  const config = { baseUrl: server.url, tokenStore, onSessionExpired: told, onRefreshFailed: told };
  const pending = createAuthFetch(config)("/data", { method: "POST", body: "pay" });
  await eventually(() => expect(server.count("/auth/refresh")).toBe(1));
  tokenStore.tokens = stored;
  held.open();
  return { status: (await pending).status, kept: tokenStore.tokens, told, count: server.count("/data") };
}

describe("a request of one person", () => {
  test.each<[string, AuthTokens | null]>([
    ["another person", GRACE],
    ["the same name in another tenant", tokensOf("ada", 9, "other")],
    ["somebody whose token cannot be read", { accessToken: "opaque", refreshToken: "o" }],
    ["somebody whose token is no JSON", { accessToken: "a.b.c", refreshToken: "o" }],
    ["nobody", null],
  ])("is not repeated when the store came to hold %s meanwhile", async (_who, stored) => {
    const { status, kept, told, count } = await changedDuringRefresh({ json: ADA_LATER }, stored);
    expect([status, count]).toEqual([401, 1]);
    expect(kept).toEqual(stored);
    expect(told).not.toHaveBeenCalled();
  });

  test("is repeated when the store came to hold newer tokens of the same person", async () => {
    const later = tokensOf("ada", 3);
    const { status, kept, count } = await changedDuringRefresh({ json: ADA_LATER }, later);
    expect([status, count]).toEqual([200, 2]);
    expect(kept).toEqual(later);
  });

  test.each<[string, AuthTokens | null]>([
    ["signed out", null],
    ["was followed by somebody else", GRACE],
    ["signed in again", tokensOf("ada", 3)],
  ])("whose refresh is rejected after the person %s ends no session", async (_what, stored) => {
    const rejected = refusal(401, "auth.refresh_token_invalid");
    const { status, kept, told } = await changedDuringRefresh(rejected, stored);
    expect(status).toBe(401);
    expect(kept).toEqual(stored);
    expect(told).not.toHaveBeenCalled();
  });

  test("is not repeated with the tokens that somebody else refreshed since", async () => {
    const first = gate();
    const server = await serving(async ({ path, headers }) => {
      if (path === "/auth/refresh") return { json: tokensOf("grace", 2) };
      if (path === "/slow") await first.opened;
      const isExpired = [ADA, GRACE].some(
        ({ accessToken }) => headers.authorization === `Bearer ${accessToken}`,
      );
      return isExpired ? EXPIRED : { json: {} };
    });
    const tokenStore = memory(ADA);
    const fetched = createAuthFetch({ baseUrl: server.url, tokenStore });
    const slow = fetched("/slow", { method: "POST", body: "pay" });
    await eventually(() => expect(server.count("/slow")).toBe(1));
    tokenStore.tokens = GRACE;
    expect((await fetched("/quick")).status).toBe(200);
    first.open();
    expect((await slow).status).toBe(401);
    expect(server.count("/slow")).toBe(1);
  });

  test("starts no refresh of the person who came after", async () => {
    const held = gate();
    const server = await serving(async ({ path }) => {
      if (path === "/auth/refresh") return { json: tokensOf("grace", 2) };
      await held.opened;
      return EXPIRED;
    });
    const tokenStore = memory(ADA);
    const pending = createAuthFetch({ baseUrl: server.url, tokenStore })("/data");
    await eventually(() => expect(server.count("/data")).toBe(1));
    tokenStore.tokens = GRACE;
    held.open();
    expect((await pending).status).toBe(401);
    expect(server.count("/auth/refresh")).toBe(0);
    expect(tokenStore.tokens).toEqual(GRACE);
  });

  test("that nobody was signed in for is not repeated as somebody's", async () => {
    const held = gate();
    const server = await serving(async () => {
      await held.opened;
      return EXPIRED;
    });
    const tokenStore = memory(null);
    const pending = createAuthFetch({ baseUrl: server.url, tokenStore })("/data");
    await eventually(() => expect(server.count("/data")).toBe(1));
    tokenStore.tokens = GRACE;
    held.open();
    expect((await pending).status).toBe(401);
    expect(server.received).toHaveLength(1);
  });
});
