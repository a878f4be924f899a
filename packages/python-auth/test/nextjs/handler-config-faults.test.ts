import { createAuthForwardHandler, createLogoutHandler } from "@bymax-one/python-auth/nextjs";
import { describe, expect, test } from "vitest";

const apiBase = "https://api.test";
const made = (config: object) => () => createLogoutHandler({ apiBase, ...config } as { apiBase: string });

describe("a handler is not made, and says why", () => {
  test.each<[object, string]>([
    [{ apiBase: "xhttps://api.test" }, "apiBase must be an absolute address of http or https"],
    [{ apiBase: "https://api.test?x=1" }, "apiBase must have no query, fragment or password"],
    [{ apiBase: "https://api.test/?" }, "apiBase must have no query, fragment or password"],
    [{ apiBase: "https://api.test/#x" }, "apiBase must have no query, fragment or password"],
    [{ apiBase: "https://user@api.test" }, "apiBase must have no query, fragment or password"],
    [{ apiBase: "https://:secret@api.test" }, "apiBase must have no query, fragment or password"],
    [{ mode: "redirect", loginPath: "//x" }, 'loginPath must be a path of this origin: "//x"'],
    [{ refreshCookiePath: "a/b" }, 'refreshCookiePath cannot be the path of a cookie: "a/b"'],
    [{ refreshCookiePath: "/a;b" }, 'refreshCookiePath cannot be the path of a cookie: "/a;b"'],
    [{ cookieDomain: "a..b" }, 'cookieDomain cannot be the domain of a cookie: "a..b"'],
    [{ cookieDomain: "-a.test" }, 'cookieDomain cannot be the domain of a cookie: "-a.test"'],
    [{ cookieDomain: "a-.test" }, 'cookieDomain cannot be the domain of a cookie: "a-.test"'],
    [{ cookieDomain: "app.test-" }, 'cookieDomain cannot be the domain of a cookie: "app.test-"'],
    [{ clientIpHeader: "no name" }, 'this cannot be the name of a header: "no name"'],
    [{ timeoutMs: 0 }, "timeoutMs must be a positive integer of milliseconds"],
    [{ timeoutMs: 1.5 }, "timeoutMs must be a positive integer of milliseconds"],
    [{ timeoutMs: 2 ** 31 }, "timeoutMs must be a positive integer of milliseconds"],
  ])("of %j", (config, reason) => {
    expect(made(config)).toThrow(`createLogoutHandler: ${reason}`);
  });

  test("of a tenant's header that is no name", () => {
    const forward = () => createAuthForwardHandler({ apiBase, tenantHeader: "a:b" });
    expect(forward).toThrow('createAuthForwardHandler: this cannot be the name of a header: "a:b"');
  });
});

test.each<object>([
  { apiBase: "https://api.test/v1/@me/" },
  { timeoutMs: 1 },
  { timeoutMs: 2 ** 31 - 1 },
  { cookieDomain: "a" },
  { cookieDomain: "localhost" },
  { cookieDomain: ".app.test" },
  { cookieDomain: "a.b" },
  { cookieDomain: "a.b-c.example" },
  { refreshCookiePath: "/" },
])("a handler is made of %j", (config) => {
  expect(made(config)).not.toThrow();
});
