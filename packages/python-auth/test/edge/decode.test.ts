import { afterEach, describe, expect, test, vi } from "vitest";
import {
  decodeJwtToken,
  getTenantId,
  getUserId,
  getUserRole,
  isTokenExpired,
} from "../../src/edge/decode.ts";
import { CLAIMS, encode, PLATFORM_CLAIMS, sign } from "./tokens.ts";

const EMPTY = { isValid: false, signatureVerified: false, header: undefined, payload: {} };
const soon = Math.floor(Date.now() / 1000) + 60;

afterEach(() => {
  vi.useRealTimers();
});

describe("decodeJwtToken", () => {
  test("reads a token that anybody signed, and verifies nothing", () => {
    const token = sign({ ...CLAIMS, exp: soon, x: "ç" }, { alg: "none", typ: "JWT", kid: 5 }, "anybody");
    expect(decodeJwtToken(token)).toEqual({
      isValid: true,
      signatureVerified: false,
      header: { alg: "none", typ: "JWT" },
      payload: { ...CLAIMS, exp: soon, x: "ç" },
      sub: "u_1",
      role: "member",
      tenantId: "t_1",
      exp: soon,
      iat: CLAIMS.iat,
    });
  });

  test.each([
    ["expired", { exp: 5 }],
    ["no expiry", {}],
    ["an expiry that is no number", { exp: String(soon) }],
  ])("%s: the claims, and not valid", (_, claims) => {
    expect(decodeJwtToken(sign(claims))).toMatchObject({ isValid: false, payload: claims });
  });

  test("claims of another type, and inherited ones, are none", () => {
    const decoded = decodeJwtToken(sign('{"sub":1,"role":null,"iat":"0","__proto__":{"tenantId":"t"}}'));
    const none = { sub: undefined, role: undefined, tenantId: undefined, iat: undefined };
    expect(decoded).toMatchObject(none);
  });

  const [header, payload] = sign({ exp: soon }).split(".") as [string, string];
  test.each([
    "",
    ".",
    "..",
    `${header}.${payload}`,
    `${header}.${payload}.a.b`,
    `.${payload}.`,
    `${header}..`,
    `${header}=.${payload}.`,
    `${header}.${payload} .`,
    `${header}.${payload}.+`,
    `${header}.e31.`,
    `${header}.A.`,
    `${header}.${encode("[]")}.`,
    `${header}.${encode("null")}.`,
    `${header}.${encode("7")}.`,
    `${header}.${encode("{")}.`,
    `${header}.${encode('\ufeff{"a":1}')}.`,
    `${header}.${encode(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))}.`,
    `${encode("[]")}.${payload}.`,
    sign({ exp: soon, x: "a".repeat(4096) }),
    undefined as unknown as string,
    7 as unknown as string,
  ])("what does not parse is empty: %j", (token) => {
    expect(decodeJwtToken(token)).toMatchObject(EMPTY);
  });

  test("an unsigned token with an empty signature is read", () => {
    expect(decodeJwtToken(`${header}.${payload}.`).isValid).toBe(true);
  });
});

test("a token expires to the second", () => {
  const token = decodeJwtToken(sign({ exp: soon }));
  vi.useFakeTimers({ now: soon * 1000 - 1 });
  expect(isTokenExpired(token)).toBe(false);
  vi.setSystemTime(soon * 1000);
  expect(isTokenExpired(token)).toBe(true);
  expect(isTokenExpired(decodeJwtToken(""))).toBe(true);
});

test("what a token does not say is empty, and a tenant that it has not is undefined", () => {
  const user = decodeJwtToken(sign(CLAIMS));
  expect([getUserId(user), getUserRole(user), getTenantId(user)]).toEqual(["u_1", "member", "t_1"]);
  const none = decodeJwtToken("");
  expect([getUserId(none), getUserRole(none), getTenantId(none)]).toEqual(["", "", undefined]);
  expect(getTenantId(decodeJwtToken(sign(PLATFORM_CLAIMS)))).toBeUndefined();
});
