import { afterEach, describe, expect, test, vi } from "vitest";
import { gate } from "../gate.ts";
import { serving } from "../serving.ts";
import { stopTheClock } from "../stopped-clock.ts";
import { browser, COOKIES, refreshing } from "./handlers.ts";

stopTheClock();
afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

const KEPT_MS = 2000;
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
    const answer = await browser(url, "access_token=new; refresh_token=next; has_session=1").page();
    expect(answer.headers.getSetCookie()).toEqual(COOKIES.slice(1));
    expect(received).toHaveLength(1);
  });

  test("cost one of a later answer too, when an earlier one that gave the same token is forgotten", async () => {
    const { url, received } = await refreshing();
    await browser(url).page();
    await vi.advanceTimersByTimeAsync(KEPT_MS / 2);
    await browser(url).page();
    await vi.advanceTimersByTimeAsync(KEPT_MS / 2);
    await browser(url, "refresh_token=next").page();
    expect(received).toHaveLength(2);
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
    for (const { url } of [one, other]) await browser(url, "refresh_token=of-both").script();
    expect([one.received.length, other.received.length]).toEqual([1, 1]);
  });

  test("when a browser sends two refresh tokens, of which the server must decide", async () => {
    const { url, received } = await refreshing();
    const { page } = browser(url, "refresh_token=of-a-sibling; refresh_token=own");
    await page();
    await page();
    expect(received).toHaveLength(2);
  });

  test("when the server sets no refresh token", async () => {
    const { url } = await serving((_request, response) => {
      response.writeHead(200, { "set-cookie": "access_token=new; Path=/" }).end();
      return undefined;
    });
    expect((await browser(url).page()).headers.get("location")).toBe("/a");
  });

  test.each(["", "has_session=1", "has_session=1; refresh_token="])(
    "with somebody else who has no refresh token: %j",
    async (cookie) => {
      const { url, received } = await refreshing();
      await Promise.all([browser(url, cookie).page(), browser(url, cookie).page()]);
      expect(received).toHaveLength(2);
    },
  );

  test("with who presents an access token as a refresh token", async () => {
    const { url, received } = await refreshing();
    await browser(url).page();
    await browser(url, "refresh_token=new").page();
    expect(received).toHaveLength(2);
  });

  test.each([
    "refresh_token=; Path=/auth; Max-Age=0",
    "refresh_token=deleted; Path=/auth; Max-Age=0",
    "refresh_token=deleted; Path=/auth; Max-Age=-1",
  ])("with who presents what the server clears: %s", async (clearing) => {
    const { url, received } = await serving((_request, response) => {
      response.writeHead(200, { "set-cookie": [clearing, ...COOKIES] }).end("{}");
      return undefined;
    });
    await browser(url).script();
    await browser(url, "refresh_token=deleted").script();
    await browser(url, "refresh_token=").script();
    expect(received).toHaveLength(3);
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
