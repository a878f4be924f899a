// @vitest-environment jsdom
import { expect, test, vi } from "vitest";
import { ADA, hangUp, refuse } from "./auth-server.ts";
import { until, usePage } from "./page.ts";

const page = usePage();

test("a page is loading until the server has answered", () => {
  page().open();
  expect(page().session).toMatchObject({
    status: "loading",
    user: null,
    isLoading: true,
    lastValidation: null,
  });
  expect(page().seen.status).toEqual({ isAuthenticated: false, isLoading: true });
});

test("a signed-in visitor is shown after one question", async () => {
  page().server.user = ADA;
  const { container } = await page().opened();
  expect(page().session).toMatchObject({ status: "authenticated", user: ADA, isLoading: false });
  expect(page().session.lastValidation).toBeInstanceOf(Date);
  expect(page().seen.status).toEqual({ isAuthenticated: true, isLoading: false });
  expect(container.textContent).toBe("Ada");
  expect(page().asked()).toBe(1);
});

test("an anonymous visitor is signed out, and no session of theirs has expired", async () => {
  const onSessionExpired = vi.fn();
  await page().opened({ onSessionExpired });
  expect(page().session).toMatchObject({ status: "unauthenticated", user: null, lastValidation: null });
  expect(onSessionExpired).not.toHaveBeenCalled();
});

test.each([
  ["503 overloaded", refuse(503, "auth.overloaded")],
  ["429", refuse(429, "auth.too_many_requests")],
  ["403", refuse(403, "auth.forbidden")],
  ["no answer", hangUp],
])("a first question that fails with %s leaves nobody signed in", async (_, answer) => {
  const onSessionExpired = vi.fn();
  page().server.on("GET me", answer);
  await page().opened({ onSessionExpired });
  expect(page().session).toMatchObject({ status: "unauthenticated", user: null, lastValidation: null });
  expect(onSessionExpired).not.toHaveBeenCalled();
});

test("what the server that rendered the page knows is shown at once, and still asked for", async () => {
  page().server.user = { ...ADA, name: "Ada L." };
  page().open({ initialUser: ADA });
  expect(page().renders[0]).toMatchObject({ status: "authenticated", user: ADA, lastValidation: null });
  await until(() => page().session.user?.name === "Ada L.");
  expect(page().renders.every(({ status }) => status === "authenticated")).toBe(true);
});

test("a page that was rendered for nobody is signed out at once", () => {
  page().open({ initialUser: null });
  expect(page().renders[0]).toMatchObject({ status: "unauthenticated", user: null });
});

test("a first question that says nothing about the session keeps what the server has rendered", async () => {
  page().server.on("GET me", refuse(503, "auth.overloaded"));
  page().open({ initialUser: ADA });
  await until(() => page().asked() === 1);
  await page().seen.session.refresh();
  expect(page().session).toMatchObject({ status: "authenticated", user: ADA });
});

test("a first question answered with 401 ends what the server has rendered, without a callback", async () => {
  const onSessionExpired = vi.fn();
  page().open({ initialUser: ADA, onSessionExpired });
  await until(() => page().session.status === "unauthenticated");
  expect(onSessionExpired).not.toHaveBeenCalled();
});
