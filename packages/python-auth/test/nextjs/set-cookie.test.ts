import {
  dedupeSetCookieHeaders,
  getSetCookieHeaders,
  parseSetCookieHeader,
} from "@bymax-one/python-auth/nextjs";
import { describe, expect, test } from "vitest";
import { withCookiePath } from "../../src/nextjs/set-cookie.ts";

describe("the Set-Cookie headers of an answer", () => {
  test("are read one by one where the runtime keeps them apart", () => {
    const headers = new Headers();
    headers.append("set-cookie", "a=1; Expires=Wed, 09 Jun 2027 10:18:14 GMT");
    headers.append("set-cookie", "b=2");
    expect(getSetCookieHeaders(headers)).toEqual(["a=1; Expires=Wed, 09 Jun 2027 10:18:14 GMT", "b=2"]);
  });

  test.each([
    ["a=1", ["a=1"]],
    ["a=1, b=2", ["a=1", "b=2"]],
    ["a=1,b=2,\t c=3", ["a=1", "b=2", "c=3"]],
    [
      "a=1; Expires=Wed, 09 Jun 2027 10:18:14 GMT, b=2",
      ["a=1; Expires=Wed, 09 Jun 2027 10:18:14 GMT", "b=2"],
    ],
    ["a=x, y", ["a=x, y"]],
    ["", []],
    [null, []],
    [`a=${"x".repeat(8192 * 64)}`, []],
  ])("are taken apart where they were joined: %.60j", (joined, expected) => {
    expect(getSetCookieHeaders({ get: () => joined })).toEqual(expected);
  });
});

describe("a Set-Cookie header", () => {
  test("is read with all its attributes", () => {
    const raw =
      'id="a=b"; Path=/x; Domain=.App.Test; Max-Age=60; Expires=Wed, 09 Jun 2027 10:18:14 GMT; HttpOnly; SECURE; samesite=LAX; Priority=High';
    expect(parseSetCookieHeader(raw)).toEqual({
      name: "id",
      value: '"a=b"',
      httpOnly: true,
      secure: true,
      sameSite: "lax",
      path: "/x",
      domain: ".app.test",
      maxAge: 60,
      expires: "Wed, 09 Jun 2027 10:18:14 GMT",
      rawAttributes: [
        "Path=/x",
        "Domain=.App.Test",
        "Max-Age=60",
        "Expires=Wed, 09 Jun 2027 10:18:14 GMT",
        "HttpOnly",
        "SECURE",
        "samesite=LAX",
        "Priority=High",
      ],
    });
  });

  test("without attributes has none", () => {
    expect(parseSetCookieHeader("a=")).toEqual({
      name: "a",
      value: "",
      httpOnly: false,
      secure: false,
      sameSite: undefined,
      path: undefined,
      domain: undefined,
      maxAge: undefined,
      expires: undefined,
      rawAttributes: [],
    });
  });

  test.each([
    ["Strict", "strict"],
    ["None", "none"],
    ["Other", undefined],
  ])("says SameSite=%s", (written, read) => {
    expect(parseSetCookieHeader(`a=1; SameSite=${written}; Max-Age=x`)).toMatchObject({
      sameSite: read,
      maxAge: undefined,
    });
  });

  test.each(["", "a", "a; b=1", "a=1\r\nb: 2", "a=1\nb", `a=${"x".repeat(8191)}`])(
    "is not read: %.40j",
    (raw) => {
      expect(parseSetCookieHeader(raw)).toMatchObject({ name: "", value: "", rawAttributes: [] });
    },
  );
});

describe("cookies that are set twice", () => {
  test("keep the last writer, in the order of last writers", () => {
    expect(dedupeSetCookieHeaders(["a=1; Path=/", "b=1", "a=2; Path=/", "broken"])).toEqual([
      "b=1",
      "a=2; Path=/",
    ]);
  });

  test("stay apart when a browser would keep both", () => {
    const headers = ["a=1; Path=/", "a=2; Path=/x", "a=3; Path=/; Domain=app.test", "a=4"];
    expect(dedupeSetCookieHeaders(headers)).toEqual(headers);
  });
});

test.each([
  ["r=1; Path=/auth; HttpOnly", "r=1; Path=/api/auth; HttpOnly"],
  ["r=1; path=/a; HttpOnly; PATH=/b", "r=1; Path=/api/auth; HttpOnly"],
  ["r=1", "r=1; Path=/api/auth"],
  ["path=1; Path=/auth", "path=1; Path=/api/auth"],
])("the cookie %j moves to another path as %j", (header, expected) => {
  expect(withCookiePath(header, "/api/auth")).toBe(expected);
});
