import { getSetCookieHeaders, parseSetCookieHeader } from "@bymax-one/python-auth/nextjs";
import { describe, expect, test } from "vitest";

describe("the Set-Cookie headers of an answer", () => {
  test("are not taken apart again where the runtime keeps them apart", () => {
    const headers = new Headers();
    headers.append("set-cookie", "a=x,y=1");
    expect(getSetCookieHeaders(headers)).toEqual(["a=x,y=1"]);
  });

  test("are read from no other header where they were joined", () => {
    const get = (name: string): string | null => (name.toLowerCase() === "set-cookie" ? "a=1" : "b=2");
    expect(getSetCookieHeaders({ get })).toEqual(["a=1"]);
  });

  test("are taken apart before names of any length", () => {
    const names = ["access_token=1", "refresh_token=2", "__Host-id=3"];
    expect(getSetCookieHeaders({ get: () => names.join(", ") })).toEqual(names);
  });

  test("are read up to the length that 64 of them may have", () => {
    const longest = `a=${"x".repeat(64 * 8192 - 2)}`;
    expect(getSetCookieHeaders({ get: () => longest })).toEqual([longest]);
  });
});

describe("a Set-Cookie header", () => {
  test("is read up to 8192 characters", () => {
    const value = "x".repeat(8190);
    expect(parseSetCookieHeader(`a=${value}`)).toMatchObject({ name: "a", value });
  });

  test("is read without the spaces around names and values, as a browser reads it", () => {
    expect(parseSetCookieHeader(" a = 1 ; Path = /x ; Domain = app.test")).toMatchObject({
      name: "a",
      value: "1",
      path: "/x",
      domain: "app.test",
    });
  });

  test("may have no name, but a value", () => {
    expect(parseSetCookieHeader("=1; Path=/")).toMatchObject({ name: "", value: "1", path: "/" });
  });

  test("keeps what follows a second equals sign of an attribute", () => {
    expect(parseSetCookieHeader("a=1; Path=/x=y").path).toBe("/x=y");
  });
});
