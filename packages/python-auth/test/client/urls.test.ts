import { afterEach, expect, test, vi } from "vitest";
import { isForeign, joined, pathOf } from "../../src/client/urls.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

test.each([
  ["go?to=https://other.test/", "https://api.test/go?to=https://other.test/"],
  ["a//b", "https://api.test/a//b"],
  ["//other.test/x", "//other.test/x"],
  ["HTTPS://other.test/x", "HTTPS://other.test/x"],
])("an address names its server only at its beginning: %s", (address, expected) => {
  expect(joined("https://api.test/", address)).toBe(expected);
});

test("an address that cannot be read has no path, and so is none of the routes", () => {
  expect(pathOf("http://[/auth/login")).toBe("");
});

test("a path is of the page's own origin, also where there is no page", () => {
  expect(globalThis.location).toBe(undefined);
  expect(isForeign("/api")).toBe(false);
  expect(isForeign("https://api.test")).toBe(true);
});

test("a page without an address of its own, as one in a frame's source, has a relative one on its own origin", () => {
  vi.stubGlobal("location", { href: "about:srcdoc", origin: "null" });
  expect(isForeign("/api")).toBe(false);
  expect(isForeign("https://api.test")).toBe(true);
});
