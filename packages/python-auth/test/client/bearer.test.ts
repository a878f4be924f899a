import { type AuthTokens, createAuthClient, createAuthFetch } from "@bymax-one/python-auth/client";
import { describe, expect, test, vi } from "vitest";
import { eventually } from "../eventually.ts";
import { gate } from "../gate.ts";
import { EXPIRED, type Received, type Reply, type Served, serving } from "../serving.ts";
import { stopTheClock } from "../stopped-clock.ts";
import { memory } from "./token-stores.ts";

stopTheClock();

const OLD: AuthTokens = { accessToken: "old", refreshToken: "old-r" };
const NEW: AuthTokens = { accessToken: "new", refreshToken: "new-r" };
const OTHER: AuthTokens = { accessToken: "other", refreshToken: "other-r" };
const USER = { id: "u_1" };

/** Serves whoever has a token other than the old one. */
async function server(refresh: (request: Received) => Reply | Promise<Reply>): Promise<Served> {
  return serving((request) => {
    if (request.path === "/auth/refresh") return refresh(request);
    return request.headers.authorization === "Bearer old" ? EXPIRED : { json: USER };
  });
}

describe("a stored session", () => {
  test("sends its token, and no cookie of the browser", async () => {
    const { url, received } = await server(() => ({ json: NEW }));
    await createAuthFetch({ tokenStore: memory(OTHER) })(url);
    await createAuthFetch({ tokenStore: memory(null) })(url);
    expect(received.map(({ headers }) => headers.authorization)).toEqual(["Bearer other", undefined]);
  });

  test("is refreshed once, and stored before anything is repeated", async () => {
    const { url, received, count } = await server(() => ({ json: NEW }));
    const tokenStore = memory(OLD);
    const fetched = createAuthFetch({ baseUrl: url, tokenStore });
    const answers = await Promise.all(Array.from({ length: 20 }, () => fetched("/data")));
    expect(answers.every(({ ok }) => ok)).toBe(true);
    expect(count("/auth/refresh")).toBe(1);
    expect(JSON.parse(received.find(({ path }) => path === "/auth/refresh")?.body ?? "")).toEqual({
      refreshToken: "old-r",
    });
    expect(tokenStore.tokens).toEqual(NEW);
  });

  test("asks for tokens in bodies, which a browser does not get otherwise where the server has both", async () => {
    const { url, received } = await serving(({ path, headers }) => {
      if (headers.authorization === "Bearer old") return EXPIRED;
      return path === "/data" ? { json: USER } : { json: { user: USER, ...NEW } };
    });
    const client = createAuthClient({ baseUrl: url, tokenStore: memory(OLD) });
    await client.getMe();
    await client.login({ email: "ada@example.com", password: "secret" });
    await createAuthFetch({ tokenStore: memory(OTHER) })(`${url}/data`);
    await createAuthClient({ baseUrl: url }).login({ email: "ada@example.com", password: "secret" });
    expect(received.map(({ path, headers }) => [path, headers["x-auth-delivery"]])).toEqual([
      ["/auth/me", "bearer"],
      ["/auth/refresh", "bearer"],
      ["/auth/me", "bearer"],
      ["/auth/login", "bearer"],
      ["/data", undefined],
      ["/auth/login", undefined],
    ]);
  });

  test("is refreshed where it is told to", async () => {
    const { url, count } = await serving(({ path, headers }) => {
      if (path === "/mine") return { json: NEW };
      return headers.authorization === "Bearer old" ? EXPIRED : { json: USER };
    }).then((served) => ({ url: served.url, count: served.count }));
    const client = createAuthClient({
      baseUrl: url,
      refreshEndpoint: `${url}/mine`,
      tokenStore: memory(OLD),
    });
    expect(await client.getMe()).toEqual(USER);
    expect(count("/mine")).toBe(1);
  });

  test("does not concern a request with a token of its own", async () => {
    const { url, count } = await server(() => ({ json: NEW }));
    const fetched = createAuthFetch({ baseUrl: url, tokenStore: memory(OTHER) });
    const answer = await fetched("/data", { headers: { Authorization: "Bearer old" } });
    expect(answer.status).toBe(401);
    expect(count("/auth/refresh")).toBe(0);
  });

  test("that is no more is not refreshed", async () => {
    const { url, count } = await serving(() => EXPIRED);
    const onRefreshFailed = vi.fn();
    const fetched = createAuthFetch({ baseUrl: url, tokenStore: memory(null), onRefreshFailed });
    expect((await fetched("/data")).status).toBe(401);
    expect([count("/auth/refresh"), onRefreshFailed.mock.calls.length]).toEqual([0, 0]);
  });

  test.each<[string, Reply, AuthTokens | null, string]>([
    ["rejected", { status: 401 }, null, "rejected"],
    ["unavailable", { status: 503, headers: { "retry-after": "9" } }, OLD, "unavailable"],
    ["no JSON", { text: "ok" }, OLD, "unavailable"],
    ["only half", { json: { accessToken: "new" } }, OLD, "unavailable"],
    ["half empty", { json: { accessToken: "new", refreshToken: "" } }, OLD, "unavailable"],
    ["empty", { json: { accessToken: "", refreshToken: "r" } }, OLD, "unavailable"],
  ])("ends only when its refresh is rejected: %s", async (_what, reply, kept, reason) => {
    const { url } = await server(() => reply);
    const tokenStore = memory(OLD);
    const failed = vi.fn();
    const fetched = createAuthFetch({ baseUrl: url, tokenStore, onRefreshFailed: failed });
    expect((await fetched("/data")).status).toBe(401);
    expect(tokenStore.tokens).toEqual(kept);
    expect(failed).toHaveBeenCalledWith(expect.objectContaining({ reason }));
  });

  test("whose store fails is unreachable", async () => {
    const { url } = await server(() => ({ json: NEW }));
    const tokenStore = memory(OLD);
    tokenStore.set = () => Promise.reject(new Error("full"));
    const failed = vi.fn();
    await createAuthFetch({ baseUrl: url, tokenStore, onRefreshFailed: failed })("/data");
    expect(failed).toHaveBeenCalledWith({ ok: false, reason: "unreachable", status: null });
  });
});

describe("a refresh", () => {
  test.each<[string, Reply, AuthTokens | null, number]>([
    ["a sign-out stands", { json: NEW }, null, 401],
    ["a sign-out stands, though the refresh was rejected", { status: 401 }, null, 401],
    ["another sign-in stands, of a token that cannot be read", { json: NEW }, OTHER, 200],
    ["another sign-in stands, though the refresh was rejected", { status: 401 }, OTHER, 401],
  ])("during which %s", async (_what, reply, changed, status) => {
    const answered = gate();
    const { url, count } = await server(async () => {
      await answered.opened;
      return reply;
    });
    const tokenStore = memory(OLD);
    const pending = createAuthFetch({ baseUrl: url, tokenStore })("/data");
    await eventually(() => expect(count("/auth/refresh")).toBe(1));
    tokenStore.tokens = changed;
    answered.open();
    expect((await pending).status).toBe(status);
    expect(tokenStore.tokens).toEqual(changed);
  });
});

describe("the client of a stored session", () => {
  const bodies = { json: { user: USER, ...NEW } };

  test("stores the tokens of every sign-in, and refreshes with the stored one", async () => {
    const { url, received } = await serving(() => bodies);
    const tokenStore = memory(null);
    const client = createAuthClient({ baseUrl: url, tokenStore });
    const signIns = [
      () => client.login({ email: "a", password: "p" }),
      () => client.register({ email: "a", password: "p", name: "A" }),
      () => client.mfaChallenge("t", "1"),
      () => client.refresh(),
    ];
    for (const signIn of signIns) {
      tokenStore.tokens = OLD;
      await signIn();
      expect(tokenStore.tokens).toEqual(NEW);
    }
    expect(JSON.parse(received.at(-1)?.body ?? "")).toEqual({ refreshToken: "old-r" });
  });

  test("keeps its tokens while a second factor is asked for", async () => {
    const { url } = await serving(() => ({ json: { mfaRequired: true, mfaTempToken: "t" } }));
    const tokenStore = memory(null);
    await createAuthClient({ baseUrl: url, tokenStore }).login({ email: "a", password: "p" });
    expect(tokenStore.tokens).toBeNull();
  });

  test.each([204, 500])("forgets its tokens on sign-out, whatever the server says: %i", async (status) => {
    const { url, received } = await serving(() => ({ status }));
    const tokenStore = memory(OLD);
    await createAuthClient({ baseUrl: url, tokenStore })
      .logout()
      .catch(() => undefined);
    expect(received[0]?.headers.authorization).toBe("Bearer old");
    expect(JSON.parse(received[0]?.body ?? "")).toEqual({ refreshToken: "old-r" });
    expect(tokenStore.tokens).toBeNull();
  });
});
