import {
  createClientRefreshHandler,
  createLogoutHandler,
  createSilentRefreshHandler,
} from "@bymax-one/python-auth/nextjs";
import { afterEach, describe, expect, test, vi } from "vitest";
import { gate } from "../gate.ts";
import { refusal, serving } from "../serving.ts";
import { stopTheClock } from "../stopped-clock.ts";
import { COOKIES, refreshing, request } from "./handlers.ts";

stopTheClock();
afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

const KEPT_MS = 2000;
let browsers = 0;

/** A browser with cookies of its own, whose pages and scripts ask for new tokens. */
function browser(apiBase: string): { page: () => Promise<Response>; script: () => Promise<Response> } {
  browsers += 1;
  const headers = { cookie: `refresh_token=browser-${browsers}` };
  const silent = createSilentRefreshHandler({ apiBase });
  const client = createClientRefreshHandler({ apiBase });
  return {
    page: () => silent(request("/api/auth/silent-refresh?redirect=/a", { headers })),
    script: () => client(request("/api/auth/client-refresh", { method: "POST", headers })),
  };
}

describe("tabs that a browser opens together", () => {
  test("cost one refresh, and each gets the new cookies", async () => {
    const { url, received } = await refreshing();
    const { page, script } = browser(url);
    const answers = await Promise.all([page(), page(), script(), page(), script()]);
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 200, 303, 200]);
    for (const answer of answers) expect(answer.headers.getSetCookie()).toEqual(COOKIES.slice(1));
    expect(received).toHaveLength(1);
  });

  test("cost one in a Node that has no navigator", async () => {
    vi.stubGlobal("navigator", undefined);
    const { url, received } = await refreshing();
    const { page } = browser(url);
    await Promise.all([page(), page()]);
    expect(received).toHaveLength(1);
  });

  test("cost one when a request was sent before the cookies of another had arrived", async () => {
    const { url, received } = await refreshing();
    const { page } = browser(url);
    await page();
    expect((await page()).status).toBe(303);
    expect(received).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(KEPT_MS);
    await page();
    expect(received).toHaveLength(2);
  });

  test("cost one when a request left after the cookies of another had arrived, for a page that was asked before", async () => {
    const { url, received } = await refreshing();
    await browser(url).page();
    const headers = { cookie: "access_token=new; refresh_token=next; has_session=1" };
    const silent = createSilentRefreshHandler({ apiBase: url });
    const answer = await silent(request("/api/auth/silent-refresh?redirect=/a", { headers }));
    expect(answer.headers.getSetCookie()).toEqual(COOKIES.slice(1));
    expect(received).toHaveLength(1);
  });

  test("are told of an outage together, and ask again after it", async () => {
    const held = gate();
    let asked = 0;
    const { url } = await serving(async (_request, response) => {
      asked += 1;
      if (asked === 1) {
        await held.opened;
        return { status: 503 };
      }
      response.writeHead(200, { "set-cookie": [...COOKIES] }).end();
      return undefined;
    });
    const { page } = browser(url);
    const together = Promise.all([page(), page()]);
    held.open();
    const locations = (await together).map(({ headers }) => headers.get("location"));
    expect(locations).toEqual(["/login?reason=unavailable", "/login?reason=unavailable"]);
    expect((await page()).headers.get("location")).toBe("/a");
    expect(asked).toBe(2);
  });
});

describe("an answer is not shared", () => {
  test("with another browser", async () => {
    const { url, received } = await refreshing();
    await Promise.all([browser(url).page(), browser(url).page()]);
    expect(received).toHaveLength(2);
  });

  test("with another server", async () => {
    const [one, other] = await Promise.all([refreshing(), refreshing()]);
    const headers = { cookie: "refresh_token=of-both" };
    for (const { url } of [one, other]) {
      await createClientRefreshHandler({ apiBase: url })(request("/", { method: "POST", headers }));
    }
    expect([one.received.length, other.received.length]).toEqual([1, 1]);
  });

  test("when a browser sends two refresh tokens, of which the server must decide", async () => {
    const { url, received } = await refreshing();
    const headers = { cookie: "refresh_token=of-a-sibling; refresh_token=own" };
    const silent = createSilentRefreshHandler({ apiBase: url });
    for (let asked = 0; asked < 2; asked += 1) await silent(request("/api/auth/silent-refresh", { headers }));
    expect(received).toHaveLength(2);
  });

  test("when the server sets no refresh token", async () => {
    const { url } = await serving((_request, response) => {
      response.writeHead(200, { "set-cookie": "access_token=new; Path=/" }).end();
      return undefined;
    });
    expect((await browser(url).page()).headers.get("location")).toBe("/a");
  });

  test("after somebody has signed out while the refresh was under way", async () => {
    const asked = gate();
    const answered = gate();
    const { url } = await serving(async ({ path }, response) => {
      if (path === "/auth/logout") return { status: 204 };
      if (asked.wasOpened()) return refusal(401, "auth.refresh_token_invalid");
      asked.open();
      await answered.opened;
      response.writeHead(200, { "set-cookie": [...COOKIES] }).end("{}");
      return undefined;
    });
    const { script } = browser(url);
    const pending = script();
    await asked.opened;
    await createLogoutHandler({ apiBase: url })(request("/", { method: "POST" }));
    answered.open();
    expect((await pending).status).toBe(200);
    expect((await script()).status).toBe(401);
  });

  test("with somebody else whose refresh token is empty, as one that the server clears", async () => {
    const { url, received } = await serving((_request, response) => {
      const cookies = ["refresh_token=; Path=/auth; Max-Age=0", ...COOKIES];
      response.writeHead(200, { "set-cookie": cookies }).end("{}");
      return undefined;
    });
    await browser(url).script();
    const headers = { cookie: "refresh_token=" };
    await createClientRefreshHandler({ apiBase: url })(request("/", { method: "POST", headers }));
    expect(received).toHaveLength(2);
  });

  test("after somebody has signed out", async () => {
    const { url, received } = await refreshing();
    const { page } = browser(url);
    await page();
    await createLogoutHandler({ apiBase: url })(request("/", { method: "POST" }));
    await page();
    expect(received.map(({ path }) => path)).toEqual(["/auth/refresh", "/auth/logout", "/auth/refresh"]);
  });

  test.each([
    ["at the edge of Next", () => vi.stubEnv("NEXT_RUNTIME", "edge")],
    ["in a Worker", () => vi.stubGlobal("navigator", { userAgent: "Cloudflare-Workers" })],
  ])("%s, where a request may not wait for another one's", async (_where, enter) => {
    enter();
    const { url, received } = await refreshing();
    const { page } = browser(url);
    await Promise.all([page(), page()]);
    expect(received).toHaveLength(2);
  });
});
