import { readFileSync } from "node:fs";
import { resolveSafeDestination } from "@bymax-one/python-auth/nextjs";
import { describe, expect, test } from "vitest";
import { toSameOriginPath, withoutParameters, withQuery } from "../../src/nextjs/safe-path.ts";

interface Vectors {
  readonly origin: string;
  readonly loginPath: string;
  readonly vectors: readonly { readonly raw: string | null; readonly destination: string }[];
}

const file = new URL("../../../../conformance/redirects.json", import.meta.url);
const { origin, loginPath, vectors } = JSON.parse(readFileSync(file, "utf8")) as Vectors;

describe("where a browser is sent back to", () => {
  test.each(vectors)("$raw leads to $destination", ({ raw, destination }) => {
    expect(resolveSafeDestination(raw, origin, loginPath)).toBe(destination);
  });

  test.each(vectors)(
    "$destination, resolved again, stays what it is and on its origin",
    ({ destination }) => {
      expect(resolveSafeDestination(destination, origin, loginPath)).toBe(destination);
      expect(new URL(destination, origin).origin).toBe(origin);
    },
  );

  test("is the login page when nothing was asked for", () => {
    expect(resolveSafeDestination(undefined, origin, loginPath)).toBe(loginPath);
  });

  test("is the login page when the origin cannot be read", () => {
    expect(resolveSafeDestination("/a", "null", loginPath)).toBe(loginPath);
  });
});

describe("a path in a Location", () => {
  test.each(["/a?b#c", "/"])("%s stays", (path) => {
    expect(toSameOriginPath(path)).toBe(path);
  });

  test.each(["", "a", "//evil.test", "/\\evil.test", "/a\nb", "https://evil.test", undefined, 5, { a: 1 }])(
    "%j becomes the root",
    (path) => {
      expect(toSameOriginPath(path)).toBe("/");
    },
  );
});

describe("a parameter added to a path", () => {
  test.each([
    ["/login", "/login?reason=expired"],
    ["/login?a=1", "/login?a=1&reason=expired"],
    ["/login?a=%20x&reason=old&b", "/login?a=%20x&b&reason=expired"],
    ["/login#top", "/login?reason=expired#top"],
    ["/login?a?b#top#end", "/login?a?b&reason=expired#top#end"],
  ])("to %s is %s", (path, expected) => {
    expect(withQuery(path, { reason: "expired", error: undefined })).toBe(expected);
  });

  test("is encoded", () => {
    expect(withQuery("/login", { to: "/a?b=1&c=ü" })).toBe("/login?to=%2Fa%3Fb%3D1%26c%3D%C3%BC");
  });

  test("that is undefined leaves the path", () => {
    expect(withQuery("/login#x", { reason: undefined })).toBe("/login#x");
  });
});

test.each([
  ["", ""],
  ["_r=1", ""],
  ["a=1&_r=1&b=2", "a=1&b=2"],
  ["a=1&%5Fr=1&_r", "a=1"],
  ["a=%zz+%20&&_rx=1", "a=%zz+%20&&_rx=1"],
])("the query %j without its counter is %j", (query, expected) => {
  expect(withoutParameters(query, ["_r"])).toBe(expected);
});
