import {
  buildSilentRefreshUrl,
  CLIENT_REFRESH_ROUTE,
  isBackgroundRequest,
  LOGOUT_ROUTE,
  SILENT_REFRESH_ROUTE,
} from "@bymax-one/python-auth/nextjs";
import { NextRequest } from "next/server.js";
import { describe, expect, test } from "vitest";

test("the routes are those that the client knows", () => {
  expect([SILENT_REFRESH_ROUTE, CLIENT_REFRESH_ROUTE, LOGOUT_ROUTE]).toEqual([
    "/api/auth/silent-refresh",
    "/api/auth/client-refresh",
    "/api/auth/logout",
  ]);
});

describe("the address of a silent refresh", () => {
  const base = "https://app.test/api/auth/silent-refresh?redirect=";

  test("comes back to the request's own path and query", () => {
    const request = new NextRequest("https://app.test/a/b?x=1&y=2#z");
    expect(buildSilentRefreshUrl(request)).toBe(`${base}%2Fa%2Fb%3Fx%3D1%26y%3D2`);
    expect(buildSilentRefreshUrl(request, "")).toBe(`${base}%2Fa%2Fb%3Fx%3D1%26y%3D2`);
    expect(buildSilentRefreshUrl({ url: "https://app.test/a?b=1" })).toBe(`${base}%2Fa%3Fb%3D1`);
    expect(buildSilentRefreshUrl({ url: "https://app.test/x?y=1", nextUrl: { pathname: "/a" } })).toBe(
      `${base}%2Fa`,
    );
  });

  test("comes back to where it is told", () => {
    expect(buildSilentRefreshUrl({ url: "http://app.test/a" }, "/b?c=ü")).toBe(
      "http://app.test/api/auth/silent-refresh?redirect=%2Fb%3Fc%3D%C3%BC",
    );
  });

  test.each(["ftp://app.test/", "javascript:alert(1)", "/a"])("is refused for a request to %s", (url) => {
    expect(() => buildSilentRefreshUrl({ url })).toThrow(TypeError);
  });
});

describe("a request in the background", () => {
  const background = (headers: Record<string, string>) =>
    isBackgroundRequest(new NextRequest("https://app.test/", { headers }));

  test.each([
    ["sec-fetch-mode", "cors"],
    ["sec-fetch-mode", "no-cors"],
    ["sec-fetch-mode", ""],
    ["next-url", "/a"],
    ["next-router-state-tree", "x"],
    ["rsc", "1"],
    ["next-router-prefetch", "1"],
    ["next-router-segment-prefetch", "/_tree"],
    ["next-action", "abc"],
    ["purpose", "prefetch"],
    ["x-purpose", "prefetch"],
    ["x-moz", "prefetch"],
    ["sec-purpose", "prefetch;prerender"],
  ])("is told by %s: %j", (name, value) => {
    expect(background({ [name]: value })).toBe(true);
  });

  test.each([
    {},
    { "sec-fetch-mode": "navigate" },
    { "next-url": "", rsc: "" },
    { purpose: "other", "sec-purpose": "x" },
  ])("is not a navigation: %j", (headers) => {
    expect(background(headers)).toBe(false);
  });
});
