import { readFileSync } from "node:fs";
import { createClientRefreshHandler, createLogoutHandler } from "@bymax-one/python-auth/nextjs";
import { describe, expect, test } from "vitest";
import { serving } from "../serving.ts";
import { type Asked, CLEARED, COOKIES, refreshing, request, storedNowhere, VERDICTS } from "./handlers.ts";

const file = new URL("../../../../conformance/errors.json", import.meta.url);
const { errors } = JSON.parse(readFileSync(file, "utf8")) as { errors: { code: string; message: string }[] };
const textOf = (code: string) => errors.find((error) => error.code === code)?.message;

type Make = (config: { apiBase: string }) => (asked: ReturnType<typeof request>) => Promise<Response>;

async function post(make: Make, apiBase: string, asked: Asked = {}, config: object = {}): Promise<Response> {
  const answer = await make({ apiBase, ...config })(request("/api/auth/x", { method: "POST", ...asked }));
  expect(storedNowhere(answer)).toBe(true);
  return answer;
}

describe.each([
  ["a refresh", createClientRefreshHandler],
  ["a logout", createLogoutHandler],
] as [string, Make][])("%s by a script", (_what, make) => {
  test.each(["same-origin", "none", undefined])("is this origin's: %s", async (site) => {
    const { url, received } = await refreshing();
    const answer = await post(make, url, { headers: site === undefined ? {} : { "sec-fetch-site": site } });
    expect(answer.status).toBe(200);
    expect(received).toHaveLength(1);
  });

  test.each(["cross-site", "same-site", "other"])("is not another site's: %s", async (site) => {
    const { url, received } = await refreshing();
    const page = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
    const answer = await post(make, url, { headers: { "sec-fetch-site": site, ...page } });
    expect(answer.status).toBe(403);
    expect(await answer.text()).toBe("");
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(received).toHaveLength(0);
  });

  test.each(["GET", "HEAD", "PUT", "DELETE"])("is no %s", async (method) => {
    const { url, received } = await refreshing();
    const answer = await post(make, url, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe("POST");
    expect(received).toHaveLength(0);
  });
});

describe("a refresh by a script", () => {
  test("relays the cookies, and what the server says without tokens", async () => {
    const { url, received } = await refreshing({ user: { id: "u_1" }, accessToken: "a", refreshToken: "r" });
    const answer = await post(createClientRefreshHandler, url, { headers: { cookie: "refresh_token=x" } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(await answer.json()).toEqual({ user: { id: "u_1" } });
    expect(answer.headers.getSetCookie()).toEqual(COOKIES.slice(1));
    expect(received[0]?.headers.cookie).toBe("refresh_token=x");
  });

  test.each([null, [1], "text"])("says nothing of what is no object: %j", async (json) => {
    const { url } = await refreshing(json);
    const answer = await post(createClientRefreshHandler, url);
    expect(await answer.json()).toEqual({});
  });

  test("keeps the cookies when the body is no JSON", async () => {
    const { url } = await serving((_request, response) => {
      response.writeHead(200, { "set-cookie": [...COOKIES] }).end("<html>");
      return undefined;
    });
    const answer = await post(createClientRefreshHandler, url);
    expect(await answer.json()).toEqual({});
    expect(answer.headers.getSetCookie()).toHaveLength(3);
  });

  test.each(VERDICTS)("answers $status $code to $what", async ({ reply, status, code, retryAfter }) => {
    const { url } = await serving(() => reply);
    const answer = await post(createClientRefreshHandler, url);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({ error: { code, message: textOf(code), details: null } });
    expect(answer.headers.get("retry-after")).toBe(retryAfter ?? null);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  test("sends an empty cookie header when the browser has none", async () => {
    const { url, received } = await refreshing();
    await post(createClientRefreshHandler, url);
    expect(received[0]?.headers.cookie ?? "").toBe("");
  });
});

describe("a logout", () => {
  test("tells the server and clears the cookies", async () => {
    const { url, received } = await serving(() => ({ status: 204 }));
    const headers = { cookie: "refresh_token=x", authorization: "Bearer y", "user-agent": "Browser/1" };
    const answer = await post(createLogoutHandler, url, { headers });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ ok: true });
    expect(answer.headers.getSetCookie()).toEqual(CLEARED);
    expect(received[0]).toMatchObject({ method: "POST", path: "/auth/logout", headers });
  });

  test.each([401, 429, 500, 200])("clears the cookies when the server says %s", async (status) => {
    const { url } = await serving(() => ({ status, json: { error: {} } }));
    expect((await post(createLogoutHandler, url)).headers.getSetCookie()).toEqual(CLEARED);
  });

  test("clears the cookies when nobody answers", async () => {
    const answer = await post(createLogoutHandler, "http://127.0.0.1:1");
    expect(answer.status).toBe(200);
    expect(answer.headers.getSetCookie()).toEqual(CLEARED);
  });

  test("by a form goes to the login page by GET", async () => {
    const { url, received } = await refreshing();
    const config = { mode: "redirect", loginPath: "/sign-in?bye#x", logoutPath: "/out" };
    const answer = await post(createLogoutHandler, url, {}, config);
    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toBe("/sign-in?bye#x");
    expect(answer.headers.getSetCookie()).toEqual(CLEARED);
    expect(received[0]?.path).toBe("/out");
  });
});
