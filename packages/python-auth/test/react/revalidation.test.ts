// @vitest-environment jsdom
import { act, fireEvent } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import { ADA, refuse } from "./auth-server.ts";
import { settled, until, usePage } from "./page.ts";

const page = usePage();
const MINUTE = 60_000;
let visibility: DocumentVisibilityState = "visible";

beforeEach(() => {
  page().server.user = ADA;
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance", "Date"] });
  visibility = "visible";
  vi.spyOn(document, "visibilityState", "get").mockImplementation(() => visibility);
  vi.spyOn(document, "hidden", "get").mockImplementation(() => visibility === "hidden");
});

async function pass(milliseconds: number): Promise<void> {
  act(() => void vi.advanceTimersByTime(milliseconds));
  await settled(page());
}

function turn(state: DocumentVisibilityState): void {
  visibility = state;
  fireEvent(document, new Event("visibilitychange"));
}

test("the server is asked every five minutes", async () => {
  await page().opened({ revalidateInterval: undefined as never });
  await pass(5 * MINUTE - 1);
  expect(page().asked()).toBe(1);
  await pass(1);
  expect(page().asked()).toBe(2);
  await pass(5 * MINUTE);
  expect(page().asked()).toBe(3);
});

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 0x8000_0000])(
  "with an interval of %d the server is not asked again",
  async (revalidateInterval) => {
    await page().opened({ revalidateInterval });
    await pass(60 * MINUTE);
    expect(page().asked()).toBe(1);
  },
);

test("another interval takes the place of the first, and asks nothing by itself", async () => {
  const { rerender } = await page().opened({ revalidateInterval: 1000 });
  rerender(page().element({ revalidateInterval: 5000 }));
  await pass(4999);
  expect(page().asked()).toBe(1);
  await pass(1);
  expect(page().asked()).toBe(2);
});

test("a page that is gone asks no more", async () => {
  const { unmount } = await page().opened({ revalidateInterval: 1000 });
  unmount();
  await pass(MINUTE);
  turn("visible");
  fireEvent(window, new Event("online"));
  await settled(page());
  expect(page().asked()).toBe(1);
});

test("a page that nobody sees waits", async () => {
  await page().opened({ revalidateInterval: 1000 });
  turn("hidden");
  await pass(10_000);
  expect(page().asked()).toBe(1);
  turn("visible");
  await pass(1000);
  expect(page().asked()).toBe(2);
});

test("a page that is seen again asks, half a minute after the last question", async () => {
  await page().opened();
  turn("hidden");
  await pass(29_999);
  turn("visible");
  await settled(page());
  expect(page().asked()).toBe(1);
  turn("hidden");
  await pass(1);
  turn("visible");
  await until(() => page().asked() === 2);
});

test("a page without that wish does not ask when it is seen again", async () => {
  await page().opened({ revalidateOnFocus: false });
  turn("hidden");
  await pass(MINUTE);
  turn("visible");
  await settled(page());
  expect(page().asked()).toBe(1);
});

test("a machine that is online again asks at once", async () => {
  page().server.on("GET me", refuse(503, "auth.internal"));
  await page().opened({ initialUser: null });
  await until(() => page().asked() === 1);
  await settled(page());
  fireEvent(window, new Event("online"));
  await until(() => page().asked() === 2);
});

test("a machine without that wish does not ask when it is online again", async () => {
  await page().opened({ revalidateOnReconnect: false });
  fireEvent(window, new Event("online"));
  await settled(page());
  expect(page().asked()).toBe(1);
});

test.each([
  [20, 20],
  [600, 60],
])("a server that asks for %d seconds is left alone for %d", async (said, kept) => {
  await page().opened({ revalidateInterval: 1000 });
  page().server.on("GET me", refuse(503, "auth.overloaded", { retryAfterSeconds: said }));
  await pass(1000);
  expect(page().asked()).toBe(2);
  await pass(kept * 1000 - 1000);
  fireEvent(window, new Event("online"));
  turn("visible");
  await settled(page());
  expect(page().asked()).toBe(2);
  await pass(1000);
  expect(page().asked()).toBe(3);
});

test.each([
  [{}],
  [{ retryAfterSeconds: "soon" }],
  [{ retryAfterSeconds: -5 }],
  [[{ field: "x", message: "y" }]],
])("the details %j ask for no pause", async (details) => {
  await page().opened({ revalidateInterval: 1000 });
  page().server.on("GET me", refuse(429, "auth.too_many_requests", details));
  await pass(1000);
  await pass(1000);
  expect(page().asked()).toBe(3);
});

test("somebody who asks, or signs in, does not wait for the pause", async () => {
  await page().opened({ revalidateInterval: 1000 });
  page().server.on("GET me", refuse(503, "auth.overloaded", { retryAfterSeconds: 30 }));
  await act(() => page().session.refresh());
  await act(() => page().session.refresh());
  expect(page().asked()).toBe(3);
  await act(() => page().seen.auth.login("ada@example.com", "secret"));
  await pass(1000);
  expect(page().asked()).toBe(4);
});
