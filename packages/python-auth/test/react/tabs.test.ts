// @vitest-environment jsdom
import { act } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ADA, GRACE, refuse, reply } from "./auth-server.ts";
import { Page, settled, until, usePage } from "./page.ts";

const page = usePage();
let other: BroadcastChannel;
let heard: unknown[];

beforeEach(() => {
  other = new BroadcastChannel("bymax-auth");
  heard = [];
  other.onmessage = ({ data }) => heard.push(data);
});

afterEach(() => other.close());

async function told(count: number): Promise<void> {
  await until(() => heard.length >= count);
}

test("a sign-in, a sign-out and an expiry are told, without anything about the user", async () => {
  await page().opened();
  await act(() => page().seen.auth.login("ada@example.com", "secret"));
  await told(1);
  await act(() => page().seen.auth.logout());
  await told(2);
  await act(() => page().seen.auth.login("ada@example.com", "secret"));
  await told(3);
  page().server.user = null;
  await act(() => page().session.refresh());
  await told(4);
  expect(heard).toEqual([
    { v: 1, type: "login" },
    { v: 1, type: "logout" },
    { v: 1, type: "login" },
    { v: 1, type: "expired" },
  ]);
});

test("a sign-out of another tab is one here at once, and nobody asks or is told", async () => {
  const onSessionExpired = vi.fn();
  page().server.user = ADA;
  await page().opened({ onSessionExpired });
  other.postMessage({ v: 1, type: "logout" });
  await until(() => page().session.status === "unauthenticated");
  await settled(page());
  expect(page().asked()).toBe(1);
  expect(onSessionExpired).not.toHaveBeenCalled();
  expect(heard).toEqual([]);
});

test("a sign-in of another tab is asked for", async () => {
  await page().opened();
  page().server.user = GRACE;
  other.postMessage({ v: 1, type: "login" });
  await until(() => page().session.user?.name === "Grace");
  expect(heard).toEqual([]);
});

test("a sign-in of another tab is not answered by a question from before it", async () => {
  const release = page().server.hold("GET me");
  page().open();
  await until(() => page().asked() === 1);
  page().server.on("GET me", (response) => {
    response.end(JSON.stringify(GRACE));
  });
  other.postMessage({ v: 1, type: "login" });
  await until(() => page().session.user?.name === "Grace");
  release();
  await settled(page());
  expect(page().session.user?.name).toBe("Grace");
});

test("a question that an expiry in another tab replaces ends with the answer to the newer one", async () => {
  page().server.user = ADA;
  await page().opened();
  page().server.on("POST password/forgot-password", reply(204));
  const older = page().server.hold("GET me");
  const asked = page().session.refresh();
  const statusAfterwards = asked.then(() => page().session.status);
  await until(() => page().asked() === 2);
  const newer = page().server.hold("GET me");
  page().server.user = null;
  other.postMessage({ v: 1, type: "expired" });
  await until(() => page().asked() === 3);
  older();
  // Its answer comes after that to the older question.
  await act(() => page().seen.auth.forgotPassword("ada@example.com"));
  newer();
  await act(() => asked);
  expect(await statusAfterwards).toBe("unauthenticated");
});

test("an expiry in another tab is asked for, and told to the page, and not to the tabs again", async () => {
  const onSessionExpired = vi.fn();
  page().server.user = ADA;
  await page().opened({ onSessionExpired });
  page().server.user = null;
  other.postMessage({ v: 1, type: "expired" });
  await until(() => page().session.status === "unauthenticated");
  expect(onSessionExpired).toHaveBeenCalledOnce();
  await settled(page());
  expect(heard).toEqual([]);
});

test("an expiry in another tab is no news to a page that is signed out", async () => {
  await page().opened();
  other.postMessage({ v: 1, type: "expired" });
  other.postMessage({ v: 1, type: "login" });
  await until(() => page().asked() === 2);
  await settled(page());
  expect(page().asked()).toBe(2);
});

test.each([null, "logout", { v: 2, type: "logout" }, { v: 1, type: "refreshed" }])(
  "the message %j is not for the session",
  async (message) => {
    page().server.user = ADA;
    await page().opened();
    other.postMessage(message);
    page().server.user = GRACE;
    other.postMessage({ v: 1, type: "login" });
    await until(() => page().session.user?.name === "Grace");
    expect(page().asked()).toBe(2);
    expect(page().renders.some(({ status }) => status === "unauthenticated")).toBe(false);
  },
);

test("two tabs sign in and out together", async () => {
  const second = new Page(page().server);
  await page().opened();
  await second.opened();
  await act(() => page().seen.auth.login("ada@example.com", "secret"));
  await until(() => second.session.user?.name === "Ada");
  await act(() => second.seen.auth.logout());
  await until(() => page().session.status === "unauthenticated");
});

test("a page that holds its own tokens neither tells nor listens", async () => {
  page().server.user = ADA;
  const second = new Page(page().server);
  await page().opened({ syncTabs: false });
  await second.opened();
  other.postMessage({ v: 1, type: "logout" });
  await until(() => second.session.status === "unauthenticated");
  expect(page().session.status).toBe("authenticated");
  await act(() => page().seen.auth.logout());
  await settled(page());
  expect(heard).toEqual([]);
});

test("a new account tells the tabs only if it has a session", async () => {
  await page().opened();
  const user = { ...GRACE, emailVerified: false };
  page().server.on("POST register", (response) => {
    response.end(JSON.stringify({ user }));
  });
  const given = { email: user.email, password: "a long password", name: "Grace" };
  await act(() => page().seen.auth.register(given));
  await settled(page());
  expect(heard).toEqual([]);
  page().server.user = user;
  await act(() => page().seen.auth.register(given));
  await told(1);
  expect(heard).toEqual([{ v: 1, type: "login" }]);
});

test.each(["missing", "forbidden"])("where the channel is %s, the page works alone", async (how) => {
  vi.stubGlobal(
    "BroadcastChannel",
    how === "missing"
      ? undefined
      : class {
          constructor() {
            throw new DOMException("The operation is insecure.", "SecurityError");
          }
        },
  );
  try {
    const { unmount } = await page().opened();
    await act(() => page().seen.auth.login("ada@example.com", "secret"));
    expect(page().session.status).toBe("authenticated");
    unmount();
  } finally {
    vi.unstubAllGlobals();
  }
});

test("an expiry that another tab has told counts as one also after a pause was asked for", async () => {
  page().server.user = ADA;
  await page().opened();
  page().server.on("GET me", refuse(503, "auth.overloaded", { retryAfterSeconds: 30 }));
  other.postMessage({ v: 1, type: "expired" });
  await until(() => page().asked() === 2);
  await settled(page());
  expect(page().session.status).toBe("authenticated");
});
