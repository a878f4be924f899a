// @vitest-environment jsdom
import { act, fireEvent, render } from "@testing-library/react";
import { Activity, createElement, type ReactNode, StrictMode } from "react";
import { beforeEach, expect, test, vi } from "vitest";
import { ADA, GRACE, hangUp, refuse } from "./auth-server.ts";
import { settled, until, usePage } from "./page.ts";

const page = usePage();

beforeEach(() => {
  page().server.user = ADA;
});

function transition(type: "pagehide" | "pageshow", persisted: boolean): void {
  fireEvent(window, Object.assign(new Event(type), { persisted }));
}

test("the double effects of StrictMode ask once", async () => {
  render(createElement(StrictMode, null, page().element()));
  await until(() => page().session.status === "authenticated");
  await settled(page());
  expect(page().asked()).toBe(1);
});

test("the double effects of StrictMode take nobody's first 401 for an expiry", async () => {
  const onSessionExpired = vi.fn();
  page().server.user = null;
  render(createElement(StrictMode, null, page().element({ initialUser: ADA, onSessionExpired })));
  await until(() => page().session.status === "unauthenticated");
  expect(onSessionExpired).not.toHaveBeenCalled();
});

test("a page is put into the back/forward cache without who is signed in", async () => {
  const { container } = await page().opened();
  transition("pagehide", true);
  expect(page().session).toMatchObject({ status: "loading", user: null });
  expect(container.textContent).toBe("loading");
});

test("a page from the back/forward cache shows nobody before the server has answered", async () => {
  await page().opened();
  const release = page().server.hold("GET me");
  transition("pageshow", true);
  expect(page().session).toMatchObject({ status: "loading", user: null });
  release();
  await until(() => page().session.user?.name === "Ada");
  expect(page().asked()).toBe(2);
});

test("a page from the back/forward cache after a sign-out shows nobody, and is told once", async () => {
  const onSessionExpired = vi.fn();
  await page().opened({ onSessionExpired });
  transition("pagehide", true);
  page().server.user = null;
  const shown = page().renders.length;
  transition("pageshow", true);
  await until(() => page().session.status === "unauthenticated");
  expect(
    page()
      .renders.slice(shown)
      .every(({ user }) => user === null),
  ).toBe(true);
  expect(onSessionExpired).toHaveBeenCalledOnce();
});

test.each([
  ["refused", refuse(503, "auth.overloaded")],
  ["lost", hangUp],
])(
  "a page from the back/forward cache whose question is %s shows nobody, and asks later",
  async (_, answer) => {
    const onSessionExpired = vi.fn();
    await page().opened({ onSessionExpired });
    page().server.on("GET me", answer);
    transition("pageshow", true);
    await until(() => page().session.status === "unauthenticated");
    expect(page().session.user).toBe(null);
    expect(onSessionExpired).not.toHaveBeenCalled();
    page().server.on("GET me", (response) => {
      response.end(JSON.stringify(ADA));
    });
    fireEvent(window, new Event("online"));
    await until(() => page().session.user?.name === "Ada");
  },
);

test("a page from the back/forward cache does not hear an answer from before it", async () => {
  await page().opened();
  const release = page().server.hold("GET me");
  const asked = page().session.refresh();
  await until(() => page().asked() === 2);
  page().server.on("GET me", (response) => {
    response.end(JSON.stringify(GRACE));
  });
  transition("pagehide", true);
  transition("pageshow", true);
  await until(() => page().session.user?.name === "Grace");
  release();
  await act(() => asked);
  expect(page().session.user?.name).toBe("Grace");
});

test("a signed-out page from the back/forward cache keeps its form, and asks", async () => {
  page().server.user = null;
  await page().opened();
  transition("pagehide", true);
  transition("pageshow", true);
  expect(page().session.status).toBe("unauthenticated");
  await until(() => page().asked() === 2);
});

test("a page that is left or loaded anew hides nothing and asks nothing more", async () => {
  await page().opened();
  transition("pagehide", false);
  transition("pageshow", false);
  await settled(page());
  expect(page().session.status).toBe("authenticated");
  expect(page().asked()).toBe(1);
});

function within(mode: "visible" | "hidden", props = {}): ReactNode {
  return createElement(Activity, { mode, children: page().element(props) });
}

test("a question that was under way when <Activity> hid the page is heard when it is shown", async () => {
  const release = page().server.hold("GET me");
  const { rerender } = render(within("visible"));
  await until(() => page().asked() === 1);
  rerender(within("hidden"));
  rerender(within("visible"));
  release();
  await until(() => page().session.user?.name === "Ada");
  expect(page().asked()).toBe(1);
});

test("a hidden <Activity> asks nothing; shown again it asks at once, and then at its interval", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const { rerender } = render(within("visible", { revalidateInterval: 1000 }));
  await until(() => page().session.status === "authenticated");
  rerender(within("hidden", { revalidateInterval: 1000 }));
  vi.advanceTimersByTime(60_000);
  await settled(page());
  expect(page().asked()).toBe(1);
  rerender(within("visible", { revalidateInterval: 1000 }));
  await until(() => page().asked() === 2);
  await settled(page());
  vi.advanceTimersByTime(1000);
  await until(() => page().asked() === 3);
});

test("an expiry while <Activity> hides the page is told when it is shown", async () => {
  const onSessionExpired = vi.fn();
  const { rerender } = render(within("visible", { onSessionExpired }));
  await until(() => page().session.status === "authenticated");
  page().server.user = null;
  const release = page().server.hold("GET me");
  const asked = page().session.refresh();
  await until(() => page().asked() === 2);
  rerender(within("hidden", { onSessionExpired }));
  release();
  await act(() => asked);
  expect(onSessionExpired).not.toHaveBeenCalled();
  rerender(within("visible", { onSessionExpired }));
  expect(page().session).toMatchObject({ status: "unauthenticated", user: null });
  expect(onSessionExpired).toHaveBeenCalledOnce();
});
