import {
  type AuthClientConfig,
  type AuthTokens,
  createAuthClient,
  createAuthFetch,
} from "@bymax-one/python-auth/client";
import { describe, expect, test, vi } from "vitest";
import { eventually, settled } from "../eventually.ts";
import { gate } from "../gate.ts";
import { EXPIRED, type Reply, refusal, type Served, serving } from "../serving.ts";
import { stopTheClock } from "../stopped-clock.ts";
import { haveAddress } from "./page-address.ts";
import { memory, tokensOf } from "./token-stores.ts";

stopTheClock();
haveAddress();

const USER = { id: "ada" };

/** A server that exchanges each refresh token once; its answers to refreshes wait, in their order, for the test. */
async function strict() {
  const gates = [gate(), gate(), gate()] as const;
  let exchanged = 0;
  const server = await serving(async ({ path, headers, body }): Promise<Reply> => {
    if (path === "/auth/me") {
      const isOld = headers.authorization === `Bearer ${tokensOf("ada", 0).accessToken}`;
      return isOld ? EXPIRED : { json: USER };
    }
    const { refreshToken } = JSON.parse(body);
    const number = exchanged;
    await gates[server.count("/auth/refresh") - 1]?.opened;
    if (refreshToken !== tokensOf("ada", number).refreshToken || number !== exchanged) {
      return refusal(401, "auth.refresh_token_invalid");
    }
    exchanged += 1;
    return { json: { user: USER, ...tokensOf("ada", exchanged) } };
  });
  const tokenStore = memory(tokensOf("ada", 0));
  return { server, gates, tokenStore, client: createAuthClient({ baseUrl: server.url, tokenStore }) };
}

describe("a refresh that the application asks for", () => {
  test("waits for the one that runs, and exchanges the token that this one stored", async () => {
    const { server, gates, tokenStore, client } = await strict();
    const me = client.getMe();
    await eventually(() => expect(server.count("/auth/refresh")).toBe(1));
    const asked = client.refresh();
    gates[1].open();
    gates[0].open();
    expect(await me).toEqual(USER);
    expect(await asked).toHaveProperty("refreshToken", tokensOf("ada", 2).refreshToken);
    expect(tokenStore.tokens).toEqual(tokensOf("ada", 2));
    expect(server.count("/auth/refresh")).toBe(2);
  });

  test("serves the requests that come meanwhile, and another one waits for it", async () => {
    const { server, gates, client } = await strict();
    const asked = client.refresh();
    await eventually(() => expect(server.count("/auth/refresh")).toBe(1));
    const me = client.getMe();
    const again = client.refresh();
    await eventually(() => expect(server.count("/auth/me")).toBe(1));
    for (const { open } of gates) open();
    expect(await asked).toHaveProperty("refreshToken", tokensOf("ada", 1).refreshToken);
    expect(await again).toHaveProperty("refreshToken", tokensOf("ada", 2).refreshToken);
    expect(await me).toEqual(USER);
    expect(server.count("/auth/refresh")).toBe(2);
  });

  test.each<[string, Reply]>([
    ["is rejected", refusal(401, "auth.refresh_token_invalid")],
    ["fails", refusal(503, "auth.overloaded")],
  ])("and that %s is told to whoever asked alone", async (_how, reply) => {
    const told = vi.fn();
    const answered = gate();
    const server = await serving(async ({ path }) => {
      if (path === "/auth/me") return EXPIRED;
      await answered.opened;
      return reply;
    });
    const tokenStore = memory(tokensOf("ada", 0));
    const callbacks = { onSessionExpired: told, onRefreshFailed: told };
    const client = createAuthClient({ baseUrl: server.url, tokenStore, ...callbacks });
    const asked = client.refresh().catch(({ status }) => status);
    await eventually(() => expect(server.count("/auth/refresh")).toBe(1));
    const me = client.getMe().catch(({ status }) => status);
    await eventually(() => expect(server.count("/auth/me")).toBe(1));
    answered.open();
    expect([await asked, await me]).toEqual([reply.status, 401]);
    expect(told).not.toHaveBeenCalled();
    expect(tokenStore.tokens).toEqual(tokensOf("ada", 0));
  });
});

test.each([
  ["without a store are only returned", undefined, tokensOf("ada", 1), undefined],
  ["are kept in an empty store", memory(null), tokensOf("ada", 1), tokensOf("ada", 1)],
  ["leave the stored ones, where there are none", memory(tokensOf("ada", 0)), {}, tokensOf("ada", 0)],
])("the tokens of a refresh %s", async (_what, tokenStore, tokens, kept) => {
  const { url } = await serving(() => ({ json: { user: USER, ...tokens } }));
  const client = createAuthClient(tokenStore ? { baseUrl: url, tokenStore } : { baseUrl: url });
  expect(await client.refresh()).toMatchObject({ user: USER, ...tokens });
  expect(tokenStore?.tokens).toEqual(kept);
});

test("a request joins the refresh that the application asks for while the server wants a pause", async () => {
  const answered = gate();
  const server = await serving(async ({ path, headers }): Promise<Reply> => {
    if (path === "/auth/me") {
      const isOld = headers.authorization === `Bearer ${tokensOf("ada", 0).accessToken}`;
      return isOld ? EXPIRED : { json: USER };
    }
    if (server.count("/auth/refresh") === 1) return { status: 429, headers: { "retry-after": "60" } };
    await answered.opened;
    return { json: { user: USER, ...tokensOf("ada", 1) } };
  });
  const tokenStore = memory(tokensOf("ada", 0));
  const read = vi.spyOn(tokenStore, "get");
  const client = createAuthClient({ baseUrl: server.url, tokenStore });
  await expect(client.getMe()).rejects.toMatchObject({ status: 401 });
  const asked = client.refresh();
  await eventually(() => expect(server.count("/auth/refresh")).toBe(2));
  read.mockClear();
  const me = client.getMe();
  // Once for the request, and once before it waits.
  await eventually(() => expect(read).toHaveBeenCalledTimes(2));
  answered.open();
  await asked;
  expect(await me).toEqual(USER);
});

test("the calls of the hooks name the session by the stored token", async () => {
  const calls = (tokens: AuthTokens | null) =>
    Reflect.get(createAuthClient({ tokenStore: memory(tokens) }), Symbol.for("bymax.auth.routes"));
  expect(await calls(tokensOf("ada", 1)).refreshToken()).toEqual({
    refreshToken: tokensOf("ada", 1).refreshToken,
  });
  expect(await calls(null).refreshToken()).toEqual({});
});

describe("with cookies, a refresh that the application asks for", () => {
  test("waits for another tab's, and is sent all the same", async () => {
    const { url, count } = await serving(() => ({ json: { user: USER } }));
    const held = gate();
    const other: Promise<void> = navigator.locks.request("bymax-auth:refresh", () => held.opened);
    const asked = createAuthClient({ baseUrl: url }).refresh();
    await eventually(async () => expect((await navigator.locks.query()).pending).toHaveLength(1));
    expect(count("/auth/refresh")).toBe(0);
    const channel = new BroadcastChannel("bymax-auth");
    channel.postMessage({ v: 1, type: "refreshed", endpoint: `${url}/auth/refresh` });
    held.open();
    await other;
    expect(await settled(asked)).toHaveProperty("user", USER);
    expect(count("/auth/refresh")).toBe(1);
    channel.close();
  });

  test.each<[AuthClientConfig]>([[{}], [{ refreshEndpoint: "http://app.test/own" }]])(
    "counts as that of a tab that waits: %j",
    async (config) => {
      const answered = gate();
      let isFresh = false;
      const server = await serving(async ({ path }): Promise<Reply> => {
        if (path === "/auth/me") return isFresh ? { json: USER } : EXPIRED;
        await answered.opened;
        isFresh = true;
        return { json: { user: USER } };
      });
      const asked = createAuthClient({ baseUrl: server.url, ...config }).refresh();
      await eventually(() => expect(server.count("/auth/refresh")).toBe(1));
      const me = createAuthClient({ baseUrl: server.url, ...config }).getMe();
      await eventually(async () => expect((await navigator.locks.query()).pending).toHaveLength(1));
      answered.open();
      await asked;
      expect(await settled(me)).toEqual(USER);
      expect(server.received.map(({ path }) => path)).toEqual(["/auth/refresh", "/auth/me", "/auth/me"]);
    },
  );
});

test.each(["with cookies", "with a store", "with a fetch of createAuthFetch"])(
  "%s, who signs out during a refresh did not expire",
  async (how) => {
    const told = vi.fn();
    const rejected = gate();
    const server = await serving(async ({ path }): Promise<Reply> => {
      if (path === "/auth/logout") return { status: 204 };
      if (path === "/auth/me") return EXPIRED;
      await rejected.opened;
      return refusal(401, "auth.refresh_token_invalid");
    });
    const store = how === "with a store" ? { tokenStore: memory(tokensOf("ada", 0)) } : {};
    const callbacks = { onSessionExpired: told, onRefreshFailed: told };
    const authFetch = createAuthFetch({ refreshEndpoint: `${server.url}/auth/refresh`, ...callbacks });
    const shared = how === "with a fetch of createAuthFetch" ? { authFetch } : callbacks;
    const client = createAuthClient({ baseUrl: server.url, ...store, ...shared });
    const me = client.getMe().catch(({ status }) => status);
    await eventually(() => expect(server.count("/auth/refresh")).toBe(1));
    await client.logout();
    rejected.open();
    expect(await me).toBe(401);
    expect(told).not.toHaveBeenCalled();
  },
);

test("with cookies, a request from before a sign-out starts no refresh of whoever comes next", async () => {
  const refused = gate();
  const server = await serving(async ({ path }): Promise<Reply> => {
    if (path === "/auth/logout") return { status: 204 };
    await refused.opened;
    return EXPIRED;
  });
  const client = createAuthClient({ baseUrl: server.url });
  const me = client.getMe().catch(({ status }) => status);
  await eventually(() => expect(server.count("/auth/me")).toBe(1));
  await client.logout();
  refused.open();
  expect(await me).toBe(401);
  expect([server.count("/auth/me"), server.count("/auth/refresh")]).toEqual([1, 0]);
});

describe("a body that does not end", () => {
  /** A server whose refreshes begin an answer, whose other routes need one, and which lets everybody sign out. */
  async function stalling(): Promise<Served> {
    return serving(async ({ path }, response) => {
      if (path === "/auth/logout") return { status: 204 };
      if (path !== "/auth/refresh") return EXPIRED;
      response.writeHead(200, { "content-type": "application/json" });
      response.write("{");
      return undefined;
    });
  }

  test.each(["asked for", "automatic"])("holds nobody up for more than a minute: %s", async (kind) => {
    const server = await stalling();
    const tokenStore = memory(tokensOf("ada", 0));
    // Without a limit for headers, so that the clock ends nothing else.
    const client = createAuthClient({ baseUrl: server.url, tokenStore, timeout: 0 });
    void (kind === "automatic" ? client.getMe() : client.refresh()).catch(() => {});
    await eventually(() => expect(server.count("/auth/refresh")).toBe(1));
    const answered = vi.fn();
    void client.getMe().catch(({ status }) => answered(status));
    await eventually(() => {
      vi.advanceTimersByTime(60_000);
      expect(answered).toHaveBeenCalledExactlyOnceWith(401);
    });
  });

  test("holds no sign-out up", async () => {
    const server = await stalling();
    const tokenStore = memory(tokensOf("ada", 0));
    const client = createAuthClient({ baseUrl: server.url, tokenStore });
    client.refresh().catch(() => {});
    await eventually(() => expect(server.count("/auth/refresh")).toBe(1));
    await settled(client.logout());
    expect(server.count("/auth/logout")).toBe(1);
    expect(tokenStore.tokens).toBeNull();
  });
});

test.each(["identity", "constructor"])(
  "a client whose fetch has another prefix does not wait for its own refused refresh: %s",
  async (routePrefix) => {
    const server = await serving(() => EXPIRED);
    const authFetch = createAuthFetch({ refreshEndpoint: `${server.url}/${routePrefix}/refresh` });
    const client = createAuthClient({ baseUrl: server.url, routePrefix, authFetch });
    await expect(settled(client.refresh())).rejects.toThrow("auth.token_invalid");
  },
);

test.each([
  ["my auth", "/my%20auth/refresh"],
  ["v1/../auth", "/auth/refresh"],
  ["é", "/%C3%A9/refresh"],
])(
  "a refused refresh ends where an address has the prefix in another form: %s",
  async (routePrefix, path) => {
    const server = await serving(() => EXPIRED);
    const tokenStore = memory(tokensOf("ada", 0));
    const authFetch = createAuthFetch({ baseUrl: server.url, routePrefix, tokenStore });
    const client = createAuthClient({ baseUrl: server.url, routePrefix, tokenStore, authFetch });
    await expect(settled(client.refresh())).rejects.toThrow("auth.token_invalid");
    expect(server.count(path)).toBe(1);
  },
);

test.each([
  ["auth", "/auth/"],
  ["/auth", undefined],
  ["/v1/auth", "v1/auth"],
])("a client shares the refreshes of its fetch however both write the prefix: %s, %s", async (one, other) => {
  const held = gate();
  const below = other?.includes("v1") ? "/v1/auth" : "/auth";
  const server = await serving(async ({ path }): Promise<Reply> => {
    if (path === `${below}/logout`) return { status: 204 };
    if (path !== `${below}/refresh`) return EXPIRED;
    await held.opened;
    return { json: { user: USER, ...tokensOf("ada", 1) } };
  });
  const tokenStore = memory(tokensOf("ada", 0));
  const onSessionExpired = vi.fn();
  const authFetch = createAuthFetch({
    refreshEndpoint: `${server.url}${below}/refresh`,
    routePrefix: one,
    tokenStore,
    onSessionExpired,
  });
  const client = createAuthClient({
    baseUrl: server.url,
    authFetch,
    tokenStore,
    ...(other && { routePrefix: other }),
  });
  const me = client.getMe();
  await eventually(() => expect(server.count(`${below}/refresh`)).toBe(1));
  await client.logout();
  tokenStore.tokens = tokensOf("ada", 2);
  held.open();
  await expect(me).rejects.toThrow("auth.token_invalid");
  expect(server.count(`${below}/me`)).toBe(1);
});

test("a sign-out at another place of the server ends no refresh here", async () => {
  const held = gate();
  const server = await serving(async ({ path }): Promise<Reply> => {
    if (path === "/partner/auth/logout") return { status: 204 };
    if (path === "/auth/me") return server.count("/auth/refresh") === 0 ? EXPIRED : { json: USER };
    await held.opened;
    return { json: {} };
  });
  const authFetch = createAuthFetch({ refreshEndpoint: `${server.url}/auth/refresh` });
  const me = createAuthClient({ baseUrl: server.url, authFetch }).getMe();
  await eventually(() => expect(server.count("/auth/refresh")).toBe(1));
  await createAuthClient({ baseUrl: server.url, routePrefix: "partner/auth", authFetch }).logout();
  held.open();
  expect(await me).toEqual(USER);
});

test("a sign-out during a refresh ends the session of whoever asked for it, and not the next person's", async () => {
  const held = gate();
  const server = await serving(async ({ path }): Promise<Reply> => {
    if (path === "/auth/login") return { json: { user: {}, ...tokensOf("grace", 0) } };
    if (path === "/auth/logout") return { status: 204 };
    await held.opened;
    return { json: { user: {}, ...tokensOf("ada", 1) } };
  });
  const tokenStore = memory(tokensOf("ada", 0));
  const client = createAuthClient({ baseUrl: server.url, tokenStore });
  const asked = client.refresh();
  await eventually(() => expect(server.count("/auth/refresh")).toBe(1));
  const leaving = client.logout();
  await client.login({ email: "grace@example.com", password: "secret" });
  held.open();
  await Promise.all([asked, leaving]);
  const sent = server.received.find(({ path }) => path === "/auth/logout");
  expect(JSON.parse(sent?.body ?? "")).toEqual({ refreshToken: tokensOf("ada", 0).refreshToken });
  expect(tokenStore.tokens).toEqual(tokensOf("grace", 0));
});
