// @vitest-environment jsdom
import { act } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import { ADA, GRACE, hangUp, refuse, reply } from "./auth-server.ts";
import { clientOf, until, usePage } from "./page.ts";

const page = usePage();

beforeEach(() => {
  page().server.user = ADA;
});

test("a later 401 ends the session, and says so once", async () => {
  const onSessionExpired = vi.fn();
  await page().opened({ onSessionExpired });
  page().server.user = null;
  await act(() => page().session.refresh());
  expect(page().session).toMatchObject({ status: "unauthenticated", user: null, lastValidation: null });
  await act(() => page().session.refresh());
  expect(onSessionExpired).toHaveBeenCalledOnce();
});

test.each([
  ["503 overloaded", refuse(503, "auth.overloaded", { retryAfterSeconds: 5 })],
  ["500", refuse(500, "auth.internal")],
  ["429", refuse(429, "auth.too_many_requests")],
  ["no answer", hangUp],
  ["text of a gateway", reply(200)],
])("a later %s says nothing about the session", async (_, answer) => {
  const onSessionExpired = vi.fn();
  await page().opened({ onSessionExpired });
  const before = page().session;
  page().server.on("GET me", answer);
  await act(() => page().session.refresh());
  expect(page().session).toEqual(before);
  expect(onSessionExpired).not.toHaveBeenCalled();
});

test("a session that is found later signs the page in", async () => {
  page().server.user = null;
  await page().opened();
  page().server.user = GRACE;
  await act(() => page().session.refresh());
  expect(page().session).toMatchObject({ status: "authenticated", user: GRACE });
});

test.each([
  [
    "throws",
    () => {
      throw new Error("broken");
    },
  ],
  ["rejects", () => Promise.reject(new Error("broken")) as unknown as undefined],
])("a callback that %s is reported, and the session still ends", async (_, onSessionExpired) => {
  const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
  await page().opened({ onSessionExpired });
  page().server.user = null;
  await act(() => page().session.refresh());
  expect(page().session.status).toBe("unauthenticated");
  expect(warned).toHaveBeenCalledExactlyOnceWith(
    "[python-auth] onSessionExpired callback threw:",
    expect.objectContaining({ message: "broken" }),
  );
});

test("a page without a callback only ends the session", async () => {
  await page().opened();
  page().server.user = null;
  await act(() => page().session.refresh());
  expect(page().session.status).toBe("unauthenticated");
});

test("questions of the same moment share one request", async () => {
  await page().opened();
  const { refresh } = page().session;
  await act(() => Promise.all([refresh(), refresh(), refresh()]));
  expect(page().asked()).toBe(2);
});

test("rendering the parent ten times asks nothing, and keeps every function", async () => {
  const { rerender } = await page().opened({ onSessionExpired: () => {} });
  const { session, auth } = page().seen;
  for (let turn = 0; turn < 10; turn += 1) rerender(page().element({ onSessionExpired: () => {} }));
  expect(page().asked()).toBe(1);
  expect(page().session.refresh).toBe(session.refresh);
  expect(page().seen.auth).toEqual(auth);
});

test("the latest client and the latest callback are used, and another client asks nothing", async () => {
  const first = vi.fn();
  const latest = vi.fn();
  const { rerender } = await page().opened({ onSessionExpired: first });
  const calls = vi.fn(page().client.getMe);
  const client = { ...clientOf(page().server), getMe: calls };
  rerender(page().element({ client, onSessionExpired: latest }));
  expect(calls).not.toHaveBeenCalled();
  page().server.user = null;
  await act(() => page().session.refresh());
  expect(calls).toHaveBeenCalledOnce();
  expect(latest).toHaveBeenCalledOnce();
  expect(first).not.toHaveBeenCalled();
});

test("an answer that comes after the page is gone tells nobody", async () => {
  const onSessionExpired = vi.fn();
  const { unmount } = await page().opened({ onSessionExpired });
  page().server.user = null;
  const asked = page().session.refresh();
  unmount();
  await asked;
  await until(() => page().asked() === 2);
  expect(onSessionExpired).not.toHaveBeenCalled();
});
