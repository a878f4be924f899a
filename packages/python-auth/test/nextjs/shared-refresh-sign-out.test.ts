import { expect, test } from "vitest";
import { gate } from "../gate.ts";
import { refusal, serving } from "../serving.ts";
import { stopTheClock } from "../stopped-clock.ts";
import { type Browser, browser, COOKIES, refreshing } from "./handlers.ts";

stopTheClock();

test("a sign-out forgets the answer that was shared with the browser", async () => {
  const { url, count } = await refreshing();
  const { page, signOut } = browser(url);
  await page();
  await signOut();
  await page();
  expect(count("/auth/refresh")).toBe(2);
});

test("a sign-out with the new token forgets what was shared with the old one, and with each of several", async () => {
  const { url, count } = await refreshing();
  const { page } = browser(url);
  await page();
  await browser(url, "refresh_token=of-a-sibling; refresh_token=next").signOut();
  await page();
  expect(count("/auth/refresh")).toBe(2);
});

test.each([
  ["without a cookie", ""],
  ["with an empty one", "refresh_token="],
  ["of somebody else", "refresh_token=of-somebody-else"],
])("a sign-out %s, which names no session that was refreshed, forgets nothing", async (_which, cookie) => {
  const { url, count } = await refreshing();
  const { page } = browser(url);
  await page();
  await browser(url, cookie).signOut();
  await page();
  expect(count("/auth/refresh")).toBe(1);
});

test("a sign-out with an empty cookie forgets nothing of a browser that was given one beside its own", async () => {
  const { url, count } = await serving((_request, response) => {
    response.writeHead(200, { "set-cookie": ["refresh_token=; Path=/", ...COOKIES] }).end("{}");
    return undefined;
  });
  const { page } = browser(url);
  await page();
  await browser(url, "refresh_token=").signOut();
  await page();
  expect(count("/auth/refresh")).toBe(1);
});

/** Serves a server whose first refresh is held until it is told to answer. */
async function slowlyRefreshing() {
  const asked = gate();
  const answered = gate();
  const { url } = await serving(async ({ path }, response) => {
    if (path !== "/auth/refresh") return { status: 204 };
    if (asked.wasOpened()) return refusal(401, "auth.refresh_token_invalid");
    asked.open();
    await answered.opened;
    response.writeHead(200, { "set-cookie": [...COOKIES] }).end("{}");
    return undefined;
  });
  return { url, asked, answered };
}

test.each([
  ["the handler", (own: Browser) => own.signOut()],
  ["the forward handler", (own: Browser) => own.forward("POST", "logout")],
])(
  "a sign-out through %s ends a refresh that is under way, which brings no cookies back",
  async (_how, signsOut) => {
    const { url, asked, answered } = await slowlyRefreshing();
    const own = browser(url);
    const pending = [own.script(), own.script()];
    await asked.opened;
    await signsOut(own);
    answered.open();
    for (const answer of await Promise.all(pending)) {
      expect(answer.status).toBe(401);
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    expect((await own.script()).status).toBe(401);
  },
);

test.each([
  "sessions/revoke-all",
  // Operators have no cookies, and their sign-out ends no session that has.
  "platform/logout",
])("POST %s leaves a refresh that is under way, and shares it no longer", async (path) => {
  const { url, asked, answered } = await slowlyRefreshing();
  const { script, forward } = browser(url);
  const pending = script();
  await asked.opened;
  await forward("POST", path);
  answered.open();
  expect((await pending).status).toBe(200);
  expect((await script()).status).toBe(401);
  expect((await browser(url, "refresh_token=next").script()).status).toBe(401);
});

test.each([
  ["POST", "logout"],
  ["POST", "platform/logout"],
  ["POST", "sessions/revoke-all"],
  ["DELETE", "sessions/all"],
  ["DELETE", `sessions/${"0".repeat(64)}`],
  ["POST", "password/reset-password"],
  ["POST", "password/change"],
  ["POST", "mfa/disable"],
  ["POST", "email/change/confirm"],
  ["POST", "login"],
] as const)("%s %s through the forward handler forgets the browser's answer", async (method, path) => {
  const { url, count } = await refreshing();
  const { page, forward } = browser(url);
  const another = browser(url, "refresh_token=of-another");
  await page();
  await forward(method, path);
  await page();
  expect(count("/auth/refresh")).toBe(2);
  await another.forward(method, path);
  await page();
  expect(count("/auth/refresh")).toBe(2);
});

test("the forward handler forgets it also when the server's answer is lost", async () => {
  const { url, count } = await serving(({ path }, response) => {
    if (path === "/auth/logout") response.destroy();
    else response.writeHead(200, { "set-cookie": [...COOKIES] }).end("{}");
    return undefined;
  });
  const { page, forward } = browser(url);
  await page();
  expect((await forward("POST", "logout")).status).toBe(503);
  await page();
  expect(count("/auth/refresh")).toBe(2);
});

test.each([
  ["GET", "me"],
  ["GET", "sessions"],
  ["POST", "ws-ticket"],
] as const)("%s %s, which each tab asks for, forgets nothing", async (method, path) => {
  const { url, count } = await refreshing();
  const { page, forward } = browser(url);
  await page();
  await forward(method, path);
  await page();
  expect(count("/auth/refresh")).toBe(1);
});
