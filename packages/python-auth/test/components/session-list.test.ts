// @vitest-environment jsdom
import { SessionList } from "@bymax-one/python-auth/components";
import { screen } from "@testing-library/react";
import { createElement } from "react";
import { beforeEach, expect, test, vi } from "vitest";
import { ADA, hangUp, refuse, reply } from "../react/auth-server.ts";
import { until, usePage } from "../react/page.ts";
import { expectAccessible, press, said, shown } from "./screen.ts";

const page = usePage();
const HERE = {
  id: "s1",
  sessionHash: "a".repeat(64),
  device: "Firefox",
  ip: "192.0.2.1",
  isCurrent: true,
  createdAt: 1_700_000_000_000,
  lastActivityAt: 1_700_000_000_000,
};
const THERE = { ...HERE, id: "s2", sessionHash: "b".repeat(64), device: "Safari", isCurrent: false };

beforeEach(() => {
  page().server.user = ADA;
  page().server.on("GET sessions", reply(200, [HERE, THERE]));
});

function items(): number {
  return screen.queryAllByRole("listitem").length;
}

test("the sessions are listed, and the page's own is marked", async () => {
  const release = page().server.hold("GET sessions");
  await shown(page(), createElement(SessionList, { key: "list" }));
  expect(said("status")).toBe("Loading…");
  release();
  await until(() => items() === 2);
  expect(screen.getAllByRole("listitem")[0]?.textContent).toContain("Firefox This device");
  expect(screen.getAllByRole("listitem")[1]?.textContent).not.toContain("This device");
  expect(document.querySelector("time")?.dateTime).toBe("2023-11-14T22:13:20.000Z");
  await expectAccessible();
});

test.each([
  ["en", ["pt-BR", "en-GB", "en"], /14 Nov 2023|15 Nov 2023/],
  ["en", ["pt-BR"], /Nov 1[45], 2023/],
  ["pt", ["en-GB", "pt-PT"], /1[45]\/11\/2023/],
  // The language of a browser in a session with POSIX's locale, and a language that begins like another one.
  ["en", ["en-US@posix", "en-GB"], /1[45] Nov 2023/],
  ["es", ["est"], /1[45] nov 2023/],
] as const)("times are written as the reader writes %s, of %j", async (locale, languages, written) => {
  vi.spyOn(navigator, "languages", "get").mockReturnValue(languages);
  await shown(page(), createElement(SessionList, { key: "list", locale }));
  await until(() => items() === 2);
  expect(document.querySelector("time")?.textContent).toMatch(written);
});

test.each(["long ago", 9e15, null])(
  "a session whose time cannot be read is listed without it: %s",
  async (time) => {
    page().server.on("GET sessions", reply(200, [{ ...THERE, lastActivityAt: time }]));
    await shown(page(), createElement(SessionList, { key: "list" }));
    await until(() => items() === 1);
    expect(screen.getByRole("listitem").textContent).toBe("Safari192.0.2.1Sign out");
    expect(document.querySelector("time")).toBe(null);
  },
);

test("a session is ended, which is said, and the title has the focus", async () => {
  const user = await shown(page(), createElement(SessionList, { key: "list", classNames: { item: "row" } }));
  await until(() => items() === 2);
  page().server.on(`DELETE sessions/${THERE.sessionHash}`, reply(204));
  page().server.on("GET sessions", reply(200, [HERE]));
  await press(user, "Sign out Safari");
  await until(() => said("status") === "The session is ended.");
  expect(items()).toBe(1);
  await until(() => document.activeElement === screen.getByRole("heading"));
  expect(screen.queryByRole("button", { name: "Sign out everywhere else" })).toBe(null);
});

test("two sessions of one kind of device are told apart by their descriptions", async () => {
  const other = { ...THERE, id: "s3", sessionHash: "c".repeat(64), ip: "192.0.2.2" };
  page().server.on("GET sessions", reply(200, [THERE, other]));
  await shown(page(), createElement(SessionList, { key: "list" }));
  await until(() => items() === 2);
  const described = screen.getAllByRole("button", { name: "Sign out Safari" }).map((button) => {
    const id = button.getAttribute("aria-describedby") ?? "";
    return document.getElementById(id)?.textContent?.split(" ")[0];
  });
  expect(described).toEqual(["192.0.2.1", "192.0.2.2"]);
  await expectAccessible();
});

test("without a title of its own, the list is still named, and has the focus after an end", async () => {
  const user = await shown(page(), createElement(SessionList, { key: "list", hasTitle: false }));
  await until(() => items() === 2);
  expect(screen.queryByRole("heading")).toBe(null);
  page().server.on(`DELETE sessions/${THERE.sessionHash}`, reply(204));
  page().server.on("GET sessions", reply(200, [HERE]));
  await press(user, "Sign out Safari");
  await until(() => said("status") === "The session is ended.");
  const list = screen.getByRole("region", { name: "Where you are signed in" });
  await until(() => document.activeElement === list);
  await expectAccessible();
});

test("one thing is ended at a time", async () => {
  const user = await shown(page(), createElement(SessionList, { key: "list" }));
  await until(() => items() === 2);
  page().server.on("POST sessions/revoke-all", reply(204));
  const release = page().server.hold("POST sessions/revoke-all");
  await press(user, "Sign out everywhere else");
  await press(user, "Sign out everywhere else");
  release();
  await until(() => said("status") === "The other sessions are ended.");
  expect(page().server.count("POST sessions/revoke-all")).toBe(1);
});

test("a list that could not be read is asked for again", async () => {
  page().server.on("GET sessions", hangUp);
  const user = await shown(page(), createElement(SessionList, { key: "list" }));
  await until(() => said("alert") === "The server cannot be reached. Check your connection, and try again.");
  await expectAccessible();
  page().server.on("GET sessions", reply(200, [HERE]));
  await press(user, "Try again");
  await until(() => items() === 1);
  expect(said("alert")).toBe("");
  expect(screen.queryByRole("button", { name: "Try again" })).toBe(null);
  await until(() => document.activeElement === screen.getByRole("heading"));
});

test("a refusal is said aloud", async () => {
  const user = await shown(page(), createElement(SessionList, { key: "list", locale: "es" }));
  await until(() => items() === 2);
  page().server.on(`DELETE sessions/${THERE.sessionHash}`, refuse(404, "auth.session_not_found"));
  await press(user, "Cerrar sesión en Safari");
  await until(() => said("alert") === "Esta sesión ya se había cerrado.");
});

test("a list that does not arrive says why", async () => {
  page().server.on("GET sessions", refuse(503, "auth.overloaded"));
  await shown(page(), createElement(SessionList, { key: "list" }));
  await until(() => said("alert") === "The server is busy. Wait before you try again.");
  expect(items()).toBe(0);
});
