import { describe, expect, test } from "vitest";
import { faultOfPattern, meanings, pageTest, patternTest } from "../../src/nextjs/patterns.ts";

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
  test.each([
    ["/_next/data/b1/dashboard.json", "/dashboard"],
    ["/dashboard.segments/_tree.segment.rsc", "/dashboard"],
    ["/dashboard.rsc", "/dashboard"],
    ["/index.rsc", "/"],
  ])("%s is that of the page %s", (path, page) => {
    expect(meanings(path)).toEqual([page]);
  });

  test.each([
    "/x/_next/data/b1/dashboard.json",
    "/_next/data/b1/dashboard.json/x",
    "/dashboard.segments/_tree.segment.rscx",
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
