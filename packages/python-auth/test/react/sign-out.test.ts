// @vitest-environment jsdom
import { act } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import { ADA, GRACE, hangUp, reply } from "./auth-server.ts";
import { until, usePage } from "./page.ts";

const page = usePage();

beforeEach(() => {
  page().server.user = ADA;
});

test.each([
  ["succeeds", reply(204)],
  ["is not answered", hangUp],
])("a sign-in during a sign-out that %s stays, when the server knows it", async (_outcome, answer) => {
  await page().opened();
  page().server.on("POST logout", answer);
  const release = page().server.hold("POST logout");
  const leaving = page()
    .seen.auth.logout()
    .catch(() => {});
  await until(() => page().server.count("POST logout") === 1);
  page().server.on("POST login", (response) => {
    page().server.user = GRACE;
    reply(200, { user: GRACE })(response);
  });
  await act(() => page().seen.auth.login("grace@example.com", "secret"));
  release();
  await act(() => leaving);
  await until(() => page().session.user?.name === "Grace");
  expect(page().asked()).toBe(2);
});

test("a sign-in during a sign-out ends, when the answer to the sign-out takes its cookies", async () => {
  const onSessionExpired = vi.fn();
  await page().opened({ onSessionExpired });
  const release = page().server.hold("POST logout");
  const leaving = page().seen.auth.logout();
  await until(() => page().server.count("POST logout") === 1);
  await act(() => page().seen.auth.login("ada@example.com", "secret"));
  page().server.user = null;
  release();
  await act(() => leaving);
  await until(() => page().session.status === "unauthenticated");
  expect(onSessionExpired).toHaveBeenCalledOnce();
});

test("a question from before a sign-out that is refused during it is no expiry", async () => {
  const onSessionExpired = vi.fn();
  await page().opened({ onSessionExpired });
  const refused = page().server.hold("GET me");
  const asked = page().session.refresh();
  await until(() => page().asked() === 2);
  page().server.on("POST logout", reply(204));
  const release = page().server.hold("POST logout");
  const leaving = page().seen.auth.logout();
  await until(() => page().server.count("POST logout") === 1);
  page().server.user = null;
  refused();
  await act(() => asked);
  release();
  await act(() => leaving);
  expect(page().session.status).toBe("unauthenticated");
  expect(onSessionExpired).not.toHaveBeenCalled();
});

test("a question that is asked and answered during a sign-out makes it no expiry, here and in other tabs", async () => {
  const { onSessionExpired, told, other, release } = await openedBesideAnotherTab();
  const leaving = page().seen.auth.logout();
  await until(() => page().server.count("POST logout") === 1);
  await act(() => page().session.refresh());
  release();
  await act(() => leaving);
  await until(() => told.length > 0);
  expect(page().session.status).toBe("unauthenticated");
  expect(told).toEqual([expect.objectContaining({ type: "logout" })]);
  expect(onSessionExpired).not.toHaveBeenCalled();
  other.close();
});

test("a second sign-out while the first is under way makes neither an expiry", async () => {
  const { onSessionExpired, told, other, release } = await openedBesideAnotherTab();
  const leaving = [page().seen.auth.logout(), page().seen.auth.logout()];
  await until(() => page().server.count("POST logout") === 2);
  release();
  await act(() => Promise.all(leaving));
  await until(() => told.length > 0);
  expect(page().session.status).toBe("unauthenticated");
  await until(() => !page().session.isLoading);
  expect(told).toEqual([expect.objectContaining({ type: "logout" })]);
  expect(onSessionExpired).not.toHaveBeenCalled();
  other.close();
});

/** Opens the page, whose sign-outs are held until `release`, and hears what other tabs are told. */
async function openedBesideAnotherTab() {
  const onSessionExpired = vi.fn();
  const told: unknown[] = [];
  const other = new BroadcastChannel("bymax-auth");
  other.onmessage = ({ data }) => told.push(data);
  await page().opened({ onSessionExpired });
  page().server.on("POST logout", (response) => {
    page().server.user = null;
    reply(204)(response);
  });
  return { onSessionExpired, told, other, release: page().server.hold("POST logout") };
}
