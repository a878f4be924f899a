import { describe, expect, test } from "vitest";
import { faultOfPattern, listTest, meanings, patternTest } from "../../src/nextjs/patterns.ts";

const DASHBOARD = "/dashboard/:path*";
const USERS = "/t/:id/users";

describe("a pattern of protected routes", () => {
  test.each([
    [DASHBOARD, "/dashboard", true],
    [DASHBOARD, "/dashboard/", true],
    [DASHBOARD, "/dashboard//a", true],
    [DASHBOARD, "/dashboard/a/b", true],
    [DASHBOARD, "/dashboardx", false],
    [DASHBOARD, "/Dashboard", false],
    [DASHBOARD, "/t/9/users", false],
    [USERS, "/t/9/users", true],
    [USERS, "/t/9/users/", true],
    [USERS, "/t/9", false],
    [USERS, "/t/9/users/1", false],
    [USERS, "/dashboard", false],
    ["/a/*", "/a/b/c", true],
    ["/a/*", "/b", false],
    ["/a", "/a", true],
    ["/a", "/a/b", false],
    ["/", "/", true],
    ["/", "/a", false],
    ["/caf%c3%a9", "/caf%C3%A9", false],
  ])("%s, asked about %s: %s", (pattern, path, expected) => {
    expect(patternTest(pattern)(path)).toBe(expected);
  });

  test("may be written with letters that a path encodes", () => {
    expect(patternTest("/café/:id")(meanings("/caf%c3%a9/1").at(-1) ?? "")).toBe(true);
  });

  test.each(["/", "/a", "/a/:b/c", "/:tenant", "/a/*", "/a/:rest*", "/a//b/", "/.well-known/x.y-z_~"])(
    "is accepted: %s",
    (pattern) => {
      expect(faultOfPattern(pattern)).toBeUndefined();
    },
  );

  test.each([
    ["", "start with /"],
    ["a", "start with /"],
    ["/*", "defaultAccess"],
    ["/:path*", "defaultAccess"],
    ["/a/*/b", "last segment"],
    ["/a/:rest*/b", "last segment"],
    ["/a/foo*", "foo*"],
    ["/a/:a+", ":a+"],
    ["/a/:a?", ":a?"],
    ["/a/(b)", "(b)"],
    ["/a/**", "**"],
    ["/a/:", ":"],
    ["/a/[id]", "[id]"],
    ["/a?b", "a?b"],
    ["/a/../b", ".."],
    ["/a/.", "."],
    ["/a/%2E%2e", "%2E%2e"],
    ["/a b", "a b"],
    ["/a\\b", "neither"],
    ["/a\u0000", "neither"],
  ])("is refused: %j", (pattern, reason) => {
    expect(faultOfPattern(pattern)).toContain(reason);
  });
});

describe("a list of public routes", () => {
  test.each([
    ["/login", "/login", true],
    ["/login", "/login/x", true],
    ["/login", "/loginhistory", false],
    ["/docs/", "/docs/a", true],
    ["/docs/", "/docs", false],
    ["/", "/", true],
    ["/", "/a", false],
  ])("with %s, asked about %s: %s", (route, path, expected) => {
    expect(listTest([route])(path)).toBe(expected);
  });
});

describe("what a path may mean", () => {
  test.each([
    ["/dashboard", ["/dashboard"]],
    ["/%64ashboard", ["/%64ashboard", "/dashboard"]],
    ["//dashboard", ["/dashboard"]],
    ["///evil.test//dashboard", ["/evil.test/dashboard"]],
    ["/a\\dashboard", ["/a/dashboard"]],
    ["/a/../dashboard", ["/dashboard"]],
    ["/a/%2e%2e/dashboard", ["/dashboard"]],
    ["/login/..%2fdashboard", ["/login/..%2fdashboard", "/dashboard"]],
    ["/dashboard%2fa", ["/dashboard%2fa", "/dashboard/a"]],
    ["/dashboard%5ca", ["/dashboard%5ca", "/dashboard/a"]],
    ["/%zz", ["/%zz"]],
    ["/dashboard.rsc", ["/dashboard"]],
    ["/%64ashboard.rsc", ["/%64ashboard", "/dashboard"]],
    ["/dashboard%2ersc", ["/dashboard%2ersc", "/dashboard"]],
    ["/dashboard.segments/_tree.segment.rsc", ["/dashboard"]],
    ["/_next/data/build-1/dashboard/a.json", ["/dashboard/a"]],
    ["/_next/data/build-1/index.json", ["/"]],
    ["/index.rsc", ["/"]],
    ["/data.json", ["/data.json"]],
    ["", ["/"]],
  ])("%s: %j", (path, expected) => {
    expect(meanings(path)).toEqual(expected);
  });
});
