import { describe, expect, test } from "vitest";
import { faultOfPattern, meanings, pageTest, patternTest, prefixTest } from "../../src/nextjs/patterns.ts";

describe("a pattern of protected routes", () => {
  test.each([
    ["/a/:id/*", "/a", false],
    ["/a/:id/*", "/a/1", true],
    ["/a/:id/*", "/a/1/b", true],
  ])("%s, asked about %s: %s", (pattern, path, expected) => {
    expect(patternTest(pattern)(path)).toBe(expected);
  });

  test.each(["/v1.", "/a/x..", "/a/b%2e"])("may have a segment that ends in dots: %s", (pattern) => {
    expect(faultOfPattern(pattern)).toBeUndefined();
  });

  test("has no name in the middle of a segment", () => {
    expect(faultOfPattern("/a/b:c")).toContain("neither");
  });
});

describe("the path of a page's data", () => {
  test("is that of a page only with something between its parts", () => {
    expect(meanings("/a.segments/.segment.rsc")).toEqual(["/a.segments/.segment"]);
    expect(meanings("/a/.segment.rsc")).toEqual(["/a/.segment"]);
  });

  test.each([".segments/", ".segments/a.segment.rsc", "a.json/", ".rsc"])(
    "is looked for once in a long path of %s",
    (part) => {
      const path = `/_next/data/b1/${part.repeat(60_000)}x`;
      expect(meanings(path)).toEqual([path]);
    },
  );

  test.each([
    ["/_next/data/b1/dashboard.json", "/dashboard"],
    ["/dashboard.segments/_tree.segment.rsc", "/dashboard"],
    ["/dashboard.segments/a/b.segment.rsc", "/dashboard"],
    ["/a.segments/b.segments/_tree.segment.rsc", "/a.segments/b"],
    ["/a.segments/.segments/.segment.rsc", "/a"],
    ["/.segments/_tree.segment.rsc", "/"],
    ["/dashboard.rsc", "/dashboard"],
    ["/index.segments/_tree.segment.rsc", "/"],
    ["/_next/data/b1/index.json", "/"],
    ["/index.rsc", "/"],
  ])("%s is that of the page %s", (path, page) => {
    expect(meanings(path)).toEqual([page]);
  });

  test.each([
    "/index",
    "/x/_next/data/b1/dashboard.json",
    "/_next/data/b1/dashboard.json/x",
    "/dashboard.segments/_tree.segment.rscx",
    "/dashboard.segment/_tree.segment.rscx",
    "/dashboard.rscx",
  ])("is no other path that looks like one: %s", (path) => {
    expect(meanings(path)).toEqual([path]);
  });
});

test.each([
  ["/pt/login", true],
  ["/pt/login/", true],
  ["/pt//login", true],
  ["/ptlogin", false],
  ["/pt", false],
  ["/pt/login/x", false],
])("a page below a folder is compared by its segments: %s, %s", (path, expected) => {
  expect(pageTest("/pt/login?x=1#y")(path)).toBe(expected);
});

test.each([
  ["/café", "/caf%C3%A9", true],
  ["/café", "/caf%C3%A9/menu", true],
  ["/a b", "/a%20b", true],
  ["/adm", "/admin", true],
  ["/admin", "/adm", false],
  ["/admin", "/x/admin", false],
])("a plain prefix is compared as paths are: %s, %s", (prefix, path, expected) => {
  expect(prefixTest(prefix)(path)).toBe(expected);
});
