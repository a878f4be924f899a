import {
  type AuthClient,
  type AuthClientConfig,
  createAuthClient,
  createAuthFetch,
} from "@bymax-one/python-auth/client";
import { AuthClientError } from "@bymax-one/python-auth/shared";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { eventually } from "../eventually.ts";
import { type Reply, refusal, type Served, serving } from "../serving.ts";
import { stopTheClock } from "../stopped-clock.ts";

stopTheClock();

const USER = { id: "u_1", email: "ada@example.com" };
const CHALLENGE = { mfaRequired: true, mfaTempToken: "t" };

async function clientOf(reply: Reply, config: AuthClientConfig = {}): Promise<[AuthClient, Served]> {
  const server = await serving(() => reply);
  return [createAuthClient({ baseUrl: server.url, ...config }), server];
}

describe("each call", () => {
  test.each<[string, (client: AuthClient) => Promise<unknown>, string, string, unknown]>([
    ["login", (c) => c.login({ email: "a", password: "p" }), "POST", "login", { email: "a", password: "p" }],
    [
      "login with a tenant",
      (c) => c.login({ email: "a", password: "p", tenantId: "t" }),
      "POST",
      "login",
      { email: "a", password: "p", tenantId: "t" },
    ],
    [
      "register",
      (c) => c.register({ email: "a", password: "p", name: "A" }),
      "POST",
      "register",
      { email: "a", password: "p", name: "A" },
    ],
    ["logout", (c) => c.logout(), "POST", "logout", {}],
    ["refresh", (c) => c.refresh(), "POST", "refresh", {}],
    ["getMe", (c) => c.getMe(), "GET", "me", undefined],
    [
      "mfaChallenge",
      (c) => c.mfaChallenge("t", "1"),
      "POST",
      "mfa/challenge",
      { mfaTempToken: "t", code: "1" },
    ],
    ["forgotPassword", (c) => c.forgotPassword("a"), "POST", "password/forgot-password", { email: "a" }],
    [
      "forgotPassword with a tenant",
      (c) => c.forgotPassword("a", "t"),
      "POST",
      "password/forgot-password",
      { email: "a", tenantId: "t" },
    ],
    [
      "resetPassword with a link",
      (c) => c.resetPassword({ email: "a", newPassword: "n", token: "k" }),
      "POST",
      "password/reset-password",
      { email: "a", newPassword: "n", token: "k" },
    ],
    [
      "resetPassword with a code",
      (c) => c.resetPassword({ email: "a", newPassword: "n", otp: "1", tenantId: "t" }),
      "POST",
      "password/reset-password",
      { email: "a", newPassword: "n", otp: "1", tenantId: "t" },
    ],
    [
      "resetPassword with a proven code, and nothing else that an object holds",
      (c) => c.resetPassword({ email: "a", newPassword: "n", verifiedToken: "v", ...{ confirmation: "n" } }),
      "POST",
      "password/reset-password",
      { email: "a", newPassword: "n", verifiedToken: "v" },
    ],
  ])("sends what its route takes: %s", async (_what, call, method, path, body) => {
    const [client, server] = await clientOf({ json: { user: USER } });
    await call(client);
    const [sent] = server.received;
    expect([sent?.method, sent?.path]).toEqual([method, `/auth/${path}`]);
    expect(sent?.body === "" ? undefined : JSON.parse(sent?.body ?? "")).toEqual(body);
    expect(server.received).toHaveLength(1);
  });

  test("goes where the server has its routes", async () => {
    const [client, server] = await clientOf({ json: USER });
    await client.getMe();
    await createAuthClient({ baseUrl: `${server.url}///`, routePrefix: "/v1/auth/" }).getMe();
    await createAuthClient({ baseUrl: `${server.url}/`, routePrefix: "" }).getMe();
    expect(server.received.map(({ path }) => path)).toEqual(["/auth/me", "/v1/auth/me", "/me"]);
  });

  test.each([
    [{}, "/api/auth/me"],
    [{ baseUrl: "" }, "/auth/me"],
    [{ baseUrl: "/x/" }, "/x/auth/me"],
  ])("has its base once in its address: %j", async (config, address) => {
    const authFetch = vi.fn(async () => Response.json(USER));
    await createAuthClient({ ...config, authFetch }).getMe();
    expect(authFetch.mock.calls).toStrictEqual([[address, { method: "GET" }]]);
    // The client's own fetch is given the same address; without a page it has no server.
    await expect(createAuthClient(config).getMe()).rejects.toThrow(address);
  });

  test("has no member beyond the eight, because applications write stand-ins of it", () => {
    expect(Object.keys(createAuthClient()).sort()).toEqual([
      "forgotPassword",
      "getMe",
      "login",
      "logout",
      "mfaChallenge",
      "refresh",
      "register",
      "resetPassword",
    ]);
  });
});

describe("an answer", () => {
  test("with cookies alone has an empty access token", async () => {
    const [client] = await clientOf({ json: { user: USER } });
    expect(await client.login({ email: "a", password: "p" })).toEqual({ user: USER, accessToken: "" });
    expect(await client.register({ email: "a", password: "p", name: "A" })).toHaveProperty("accessToken", "");
    expect(await client.refresh()).toHaveProperty("accessToken", "");
    expect(await client.mfaChallenge("t", "1")).toHaveProperty("accessToken", "");
  });

  test("with tokens keeps them", async () => {
    const [client] = await clientOf({ json: { user: USER, accessToken: "a", refreshToken: "r" } });
    const answer = await client.login({ email: "a", password: "p" });
    expect(answer).toEqual({ user: USER, accessToken: "a", refreshToken: "r" });
  });

  test("may ask for a second factor after a password, and nowhere else", async () => {
    const [client] = await clientOf({ json: CHALLENGE });
    expect(await client.login({ email: "a", password: "p" })).toEqual(CHALLENGE);
    await expect(client.mfaChallenge("t", "1")).rejects.toMatchObject({ status: 502 });
    await expect(client.register({ email: "a", password: "p", name: "A" })).rejects.toThrow(AuthClientError);
  });

  test("about the account is the bare account", async () => {
    const [client] = await clientOf({ json: USER });
    expect(await client.getMe()).toEqual(USER);
  });

  test.each([[204], [200]])("to a call that returns nothing is any success: %i", async (status) => {
    const [client] = await clientOf({ status, text: status === 204 ? "" : "not json" });
    await expect(client.logout()).resolves.toBeUndefined();
    await expect(client.forgotPassword("a")).resolves.toBeUndefined();
  });

  test("that is let go of may fail to stop", async () => {
    const stubborn = new Response(
      new ReadableStream({
        cancel() {
          throw new Error("cannot stop");
        },
      }),
    );
    await expect(createAuthClient({ authFetch: async () => stubborn }).logout()).resolves.toBeUndefined();
  });

  test.each(["", "{", "null", '"text"'])("that is no object names the address: %j", async (text) => {
    const [client, { url }] = await clientOf({ text });
    const failure = await client.getMe().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AuthClientError);
    expect(failure).toMatchObject({ status: 200, code: undefined, body: undefined });
    expect(String(failure)).toContain(`${url}/auth/me`);
  });
});

describe("a refusal", () => {
  const FIELDS = [{ field: "email", message: "is required" }];

  test.each<[Reply, unknown]>([
    [
      refusal(400, "auth.validation", FIELDS),
      {
        status: 400,
        code: "auth.validation",
        body: { statusCode: 400, error: "Bad Request", details: FIELDS },
      },
    ],
    [
      refusal(503, "auth.overloaded", { retryAfterSeconds: 3 }),
      { status: 503, code: "auth.overloaded", body: { details: { retryAfterSeconds: 3 } } },
    ],
    [refusal(409, "auth.email_already_exists", "x"), { body: { details: null } }],
    [refusal(404, "app.own_code"), { code: "app.own_code", body: { details: null } }],
    [
      { status: 502, json: { message: "no", error: "Bad Gateway", statusCode: 502 } },
      { message: "no", code: undefined, body: { message: "no", error: "Bad Gateway", statusCode: 502 } },
    ],
    [
      { status: 422, json: { detail: "no" } },
      { message: "Request failed with status 422", body: undefined },
    ],
    [{ status: 500, json: { error: { code: 1, message: "x" } } }, { body: undefined }],
    [{ status: 500, json: { error: { code: "x" } } }, { body: undefined }],
    [{ status: 500, json: { message: "x", error: "y" } }, { body: undefined }],
    [{ status: 500, json: { message: "x", error: {} } }, { body: undefined }],
    [{ status: 500, text: "null" }, { body: undefined }],
    [{ status: 500, text: "down" }, { body: undefined }],
    [
      { status: 500, text: "" },
      { message: "Request failed with status 500", body: undefined },
    ],
  ])("is thrown with what it says: %j", async (reply, expected) => {
    const onRefreshFailed = vi.fn();
    const [client, server] = await clientOf(reply, { onRefreshFailed });
    await expect(client.login({ email: "a", password: "p" })).rejects.toMatchObject(expected as object);
    await expect(client.logout()).rejects.toBeInstanceOf(AuthClientError);
    await expect(client.getMe()).rejects.toBeInstanceOf(AuthClientError);
    expect(server.received).toHaveLength(3);
    expect(onRefreshFailed).not.toHaveBeenCalled();
  });

  test("of a server without status texts is called an error", async () => {
    const json = { error: { code: "auth.internal", message: "m" } };
    const authFetch = async () => Response.json(json, { status: 500 });
    await expect(createAuthClient({ authFetch }).getMe()).rejects.toMatchObject({ body: { error: "Error" } });
  });
});

describe("the client's own refresh", () => {
  async function expiredServer(): Promise<Served> {
    let isFresh = false;
    return serving(({ path }) => {
      if (path.endsWith("/refresh")) {
        isFresh = true;
        return { json: { user: USER } };
      }
      return isFresh ? { json: USER } : refusal(401, "auth.token_invalid");
    });
  }

  test("asks the server itself where there is no page", async () => {
    const server = await expiredServer();
    expect(await createAuthClient({ baseUrl: server.url }).getMe()).toEqual(USER);
    expect(server.count("/auth/refresh")).toBe(1);
  });

  test.each([
    ["http://app.test", "/auth/refresh"],
    [undefined, "/api/auth/client-refresh"],
  ])("asks the server itself from a page of %s, else the page's", async (page, path) => {
    const server = await expiredServer();
    atPage(page ?? server.url);
    const client = createAuthClient({ baseUrl: server.url, syncTabs: false });
    // Node has no page, so that a rooted address is nowhere; the server's own is reached.
    if (page === undefined) await expect(client.getMe()).rejects.toThrow(AuthClientError);
    else expect(await client.getMe()).toEqual(USER);
    expect(server.count(path)).toBe(page === undefined ? 0 : 1);
  });

  test("asks where it is told to", async () => {
    const server = await expiredServer();
    const refreshEndpoint = `${server.url}/mine/refresh`;
    expect(await createAuthClient({ baseUrl: server.url, refreshEndpoint }).getMe()).toEqual(USER);
    expect(server.count("/mine/refresh")).toBe(1);
  });

  test("is not needed for a request that was refused while the client refreshed", async () => {
    let isFresh = false;
    let answer = (_reply: Reply): void => undefined;
    const server = await serving(({ path }) => {
      if (isFresh) return { json: USER };
      if (path === "/auth/me") {
        return new Promise<Reply>((resolve) => {
          answer = resolve;
        });
      }
      isFresh = true;
      return { json: { user: USER } };
    });
    const client = createAuthClient({ baseUrl: server.url });
    const pending = client.getMe();
    await eventually(() => expect(server.count("/auth/me")).toBe(1));
    await client.refresh();
    answer(refusal(401, "auth.token_invalid"));
    expect(await pending).toEqual(USER);
    expect(server.count("/auth/refresh")).toBe(1);
  });

  test("is that of a given fetch, where there is one", async () => {
    const server = await expiredServer();
    const authFetch = createAuthFetch({ refreshEndpoint: `${server.url}/own/refresh` });
    const client = createAuthClient({ baseUrl: server.url, authFetch });
    expect(await client.getMe()).toEqual(USER);
    expect(server.count("/own/refresh")).toBe(1);
    expect(await client.refresh()).toHaveProperty("user");
  });

  test("is sent by a fetch of the application's own", async () => {
    const authFetch = vi.fn(async () => Response.json({ user: USER }));
    expect(await createAuthClient({ authFetch }).refresh()).toHaveProperty("user", USER);
    expect(authFetch).toHaveBeenCalledExactlyOnceWith("/api/auth/refresh", { method: "POST", body: "{}" });
  });
});

function atPage(address: string): void {
  Object.defineProperty(globalThis, "location", { value: new URL(address), configurable: true });
  onTestFinished(() => {
    Reflect.deleteProperty(globalThis, "location");
  });
}
