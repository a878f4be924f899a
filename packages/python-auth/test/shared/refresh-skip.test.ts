import { AUTH_REFRESH_SKIP_PATH_SUFFIXES, buildAuthRefreshSkipSuffixes } from "@bymax-one/python-auth/shared";
import { describe, expect, test } from "vitest";

describe("the paths whose 401 starts no refresh", () => {
  test("hold the token endpoints and not the account", () => {
    expect(AUTH_REFRESH_SKIP_PATH_SUFFIXES).toHaveLength(25);
    expect(AUTH_REFRESH_SKIP_PATH_SUFFIXES).toEqual(expect.arrayContaining(["/auth/login", "/auth/refresh"]));
    expect(AUTH_REFRESH_SKIP_PATH_SUFFIXES).not.toContain("/auth/me");
  });

  test.each(["api/auth", "/api/auth", "api/auth//", "///api/auth/"])("follow the prefix %s", (prefix) => {
    expect(buildAuthRefreshSkipSuffixes(prefix)[1]).toBe("/api/auth/login");
  });

  test.each(["", "/", "//"])("begin at the root for the prefix %j", (prefix) => {
    expect(buildAuthRefreshSkipSuffixes(prefix)[1]).toBe("/login");
  });

  test("cannot be changed, because every client shares them", () => {
    expect(Object.isFrozen(AUTH_REFRESH_SKIP_PATH_SUFFIXES)).toBe(true);
    expect(Object.isFrozen(buildAuthRefreshSkipSuffixes("x"))).toBe(true);
  });

  test("are made in linear time from a long run of slashes", () => {
    const started = process.cpuUsage();
    buildAuthRefreshSkipSuffixes(`a${"/".repeat(200_000)}b`);
    const { user } = process.cpuUsage(started);
    // In quadratic time it takes many seconds.
    expect(user / 1000).toBeLessThan(500);
  });
});
