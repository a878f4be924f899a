import { afterEach, describe, expect, test, vi } from "vitest";
import { verifyJwtToken } from "../../src/edge/verify.ts";
import { CLAIMS, encode, NOW, PLATFORM_CLAIMS, SECRET, seal, sign } from "./tokens.ts";

const EMPTY = {
  isValid: false,
  signatureVerified: false,
  header: undefined,
  payload: {},
  sub: undefined,
  role: undefined,
  tenantId: undefined,
  exp: undefined,
  iat: undefined,
};
const TOKEN = sign(CLAIMS);
const OTHER = "a-different-edge-secret-9876543210ab-xx";
const at = (now: number) => ({ now });

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test("tokens that another implementation signed are valid", async () => {
  const second =
    '"mfa_challenge","context":"dashboard","tenantId":"t_1","epoch":0,"iat":1699999990,"exp":1700000300}';
  const signed = {
    dashboard: [JSON.stringify(CLAIMS), "mE_KXor_Fc9IcLhyTYTH50j4kEJZGbp1Sa3wk-EC2fY"],
    platform: [JSON.stringify(PLATFORM_CLAIMS), "DItACKY0DWLjs2NvuxjIUfmn7iB7SLZjmuEARf5hw8M"],
    mfa_challenge: [
      `{"sub":"u_1","jti":"c56a4180-65aa-42ec-a945-5fd21dec0538","type":${second}`,
      "KgdD8m5HM6VAzsH2SfwkdulZlJ0edSpLV9vCHWv-Q9s",
    ],
    // Below the top level too, a name twice is refused.
    none: [
      `${JSON.stringify(CLAIMS).slice(0, -1)},"x":[{"y":{"a":1,"a":1}}]}`,
      "GC9fkwnSJU_Ld3RDpx2aRlCU6NW0x80d47mhYYQ3VPI",
    ],
  };
  for (const [type, [payload, signature]] of Object.entries(signed)) {
    const token = `${encode('{"alg":"HS256","typ":"JWT"}')}.${encode(payload as string)}.${signature}`;
    const expected = type === "none" ? null : type;
    const { isValid } = await verifyJwtToken(token, SECRET, null, expected, at(NOW));
    expect(isValid, type).toBe(type !== "none");
    expect(sign(payload as string), type).toBe(token);
  }
});

describe("a token of the server", () => {
  test("is valid, with header and claims", async () => {
    expect(await verifyJwtToken(TOKEN, SECRET, null, "dashboard", at(NOW))).toEqual({
      isValid: true,
      signatureVerified: true,
      header: { alg: "HS256", typ: "JWT" },
      payload: CLAIMS,
      sub: "u_1",
      role: "member",
      tenantId: "t_1",
      exp: CLAIMS.exp,
      iat: CLAIMS.iat,
    });
  });

  test("that is only expired keeps its claims, and is not valid", async () => {
    const decoded = await verifyJwtToken(TOKEN, SECRET, null, "dashboard", at(CLAIMS.exp));
    expect(decoded).toMatchObject({ isValid: false, signatureVerified: true, payload: CLAIMS, sub: "u_1" });
  });

  test("is judged by this clock when no time is given", async () => {
    vi.useFakeTimers({ now: CLAIMS.exp * 1000 - 1 });
    expect((await verifyJwtToken(TOKEN, SECRET)).isValid).toBe(true);
    vi.setSystemTime(CLAIMS.exp * 1000);
    expect((await verifyJwtToken(TOKEN, SECRET)).isValid).toBe(false);
  });

  test("keeps claims that nobody here knows", async () => {
    const token = sign({ ...CLAIMS, tenantDomain: "acme.test", ext: { plan: "pró" } });
    const { payload } = await verifyJwtToken(token, SECRET, null, null, at(NOW));
    expect(payload).toMatchObject({ tenantDomain: "acme.test", ext: { plan: "pró" } });
  });

  test("of the platform has no tenant, whatever an unknown claim says", async () => {
    const decoded = await verifyJwtToken(sign(PLATFORM_CLAIMS), SECRET, null, "platform", at(NOW));
    expect(decoded).toMatchObject({ isValid: true, tenantId: undefined, role: "admin" });
  });

  test("may have a header of its own, of which the known members are told", async () => {
    const token = sign(CLAIMS, '{"kid":"k1","alg":"HS256","x":1}');
    expect((await verifyJwtToken(token, SECRET, null, null, at(NOW))).header).toEqual({
      alg: "HS256",
      kid: "k1",
    });
  });

  test("cannot pretend claims through what every object inherits", async () => {
    const token = sign(`{"__proto__":{"tenantId":"t_9"},${JSON.stringify(PLATFORM_CLAIMS).slice(1)}`);
    const decoded = await verifyJwtToken(token, SECRET, null, null, at(NOW));
    expect(decoded).toMatchObject({ isValid: true, tenantId: undefined });
  });
});

describe("everything else is the empty result", () => {
  const expired = sign({ ...CLAIMS, exp: NOW });
  test.each([
    ["another secret", sign(CLAIMS, undefined, OTHER)],
    ["no signature", sign(CLAIMS, { alg: "none" }).replace(/[^.]*$/, "")],
    ["another algorithm", sign(CLAIMS, { alg: "HS384", typ: "JWT" })],
    ["a claim twice", sign(`${JSON.stringify(CLAIMS).slice(0, -1)},"role":"admin"}`)],
    ["no subject", sign({ ...CLAIMS, sub: undefined })],
    ["issued 61 seconds ahead", sign({ ...CLAIMS, iat: NOW + 61 })],
    ["expired and incomplete", sign({ ...CLAIMS, exp: NOW, tenantId: undefined })],
    ["expired and from the future", sign({ ...CLAIMS, exp: NOW, iat: NOW + 61 })],
    ["expired and forged", sign({ ...CLAIMS, exp: NOW }, undefined, OTHER)],
    ["a payload that is no object", sign("[]")],
    ["a byte order mark", sign(`\ufeff${JSON.stringify(CLAIMS)}`)],
    ["4097 characters", sign({ ...CLAIMS, x: "a".repeat(2795) })],
    ["a letter beyond ASCII", `${TOKEN}é`],
    ["no text", undefined as unknown as string],
    ["nothing", ""],
  ])("%s", async (_, token) => {
    expect(await verifyJwtToken(token, SECRET, null, null, at(NOW))).toEqual(EMPTY);
  });

  test.each([undefined, null, "", 7, {}, "s".repeat(4097)])("the secret %j", async (secret) => {
    for (const token of [
      TOKEN,
      sign(CLAIMS, { alg: "none" }),
      `${encode('{"alg":"none"}')}.${encode("{}")}.`,
    ]) {
      expect(await verifyJwtToken(token, secret as string, null, null, at(NOW))).toEqual(EMPTY);
    }
  });

  test("an expired token that is bound to others, or of another type", async () => {
    expect(await verifyJwtToken(expired, SECRET, { issuer: "x" }, null, at(NOW))).toEqual(EMPTY);
    expect(await verifyJwtToken(expired, SECRET, null, "platform", at(NOW))).toEqual(EMPTY);
  });

  test("a clock that is none", async () => {
    for (const now of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(await verifyJwtToken(TOKEN, SECRET, null, null, at(now))).toEqual(EMPTY);
    }
  });

  test("options that throw when they are read", async () => {
    const hostile = {
      get previousSecrets(): string[] {
        throw new Error("no");
      },
    };
    expect(await verifyJwtToken(TOKEN, SECRET, null, null, hostile)).toEqual(EMPTY);
  });
});

test("4096 characters are read", async () => {
  const token = sign({ ...CLAIMS, x: "a".repeat(2794) });
  expect(token).toHaveLength(4096);
  expect((await verifyJwtToken(token, SECRET, null, null, at(NOW))).isValid).toBe(true);
});

describe("the binding", () => {
  const bound = sign({ ...CLAIMS, iss: "bymax-one", aud: "dashboard" });
  const right = { issuer: "bymax-one", audience: "dashboard" };

  test.each([
    [bound, right, true],
    [bound, {}, true],
    [bound, { issuer: null, audience: undefined }, true],
    [bound, { issuer: "bymax-one" }, true],
    [bound, { audience: "dashboard" }, true],
    [bound, { issuer: "other" }, false],
    [bound, { audience: "other" }, false],
    [bound, { issuer: "" }, false],
    [bound, { issuer: 7 as unknown as string }, false],
    [TOKEN, right, false],
    [TOKEN, { audience: "dashboard" }, false],
    [sign({ ...CLAIMS, aud: ["dashboard"] }), {}, false],
  ])("%#: %j", async (token, binding, valid) => {
    expect((await verifyJwtToken(token, SECRET, binding, null, at(NOW))).isValid).toBe(valid);
  });
});

test("a token passes only as its own type, and without an expectation as any", async () => {
  const second = { ...CLAIMS, type: "mfa_challenge", context: "dashboard" };
  const tokens = { dashboard: TOKEN, platform: sign(PLATFORM_CLAIMS), mfa_challenge: sign(second) };
  for (const [own, token] of Object.entries(tokens)) {
    for (const expected of [...Object.keys(tokens), "Dashboard", ""]) {
      const { isValid } = await verifyJwtToken(token, SECRET, null, expected, at(NOW));
      expect(isValid, `${own} as ${expected}`).toBe(own === expected);
    }
    expect((await verifyJwtToken(token, SECRET, null, null, at(NOW))).isValid).toBe(true);
    expect((await verifyJwtToken(token, SECRET, null, 7 as unknown as string, at(NOW))).isValid).toBe(false);
  }
});

describe("the tolerance", () => {
  test.each([
    // By default: none for the expiry, a minute for the issue.
    [{ exp: NOW }, undefined, false],
    [{ exp: NOW + 1 }, undefined, true],
    [{ iat: NOW + 60 }, undefined, true],
    [{ iat: NOW + 61 }, undefined, false],
    [{ exp: NOW - 29 }, 30, true],
    [{ exp: NOW - 30 }, 30, false],
    [{ iat: NOW + 30 }, 30, true],
    [{ iat: NOW + 31 }, 30, false],
    [{ iat: NOW + 1 }, 0, false],
    [{ exp: NOW - 299 }, 9999, true],
    [{ exp: NOW - 300 }, 9999, false],
    [{ exp: NOW - 299 }, Number.POSITIVE_INFINITY, true],
    [{ exp: NOW }, -30, false],
    [{ exp: NOW }, Number.NaN, false],
    [{ exp: NOW - 1 }, 1.9, false],
  ])("of %j under %j", async (changed, clockToleranceSeconds, valid) => {
    const options = { now: NOW, clockToleranceSeconds };
    const decoded = await verifyJwtToken(sign({ ...CLAIMS, ...changed }), SECRET, null, null, options);
    expect(decoded.isValid).toBe(valid);
  });
});

describe("previous secrets", () => {
  const old = sign(CLAIMS, undefined, OTHER);

  test.each([
    [TOKEN, [OTHER], true],
    [old, [OTHER], true],
    [old, ["x", OTHER], true],
    [old, ["x", "y"], false],
    [old, [], false],
    [TOKEN, [""], true],
    [old, [""], false],
    [old, [undefined], false],
    [old, OTHER, false],
    [sign(CLAIMS, undefined, "s"), "s", false],
  ])("%#: %j", async (token, previousSecrets, valid) => {
    const options = { now: NOW, previousSecrets: previousSecrets as string[] };
    expect((await verifyJwtToken(token, SECRET, null, null, options)).isValid).toBe(valid);
  });

  test("an expired token of a previous secret keeps its claims", async () => {
    const options = { now: CLAIMS.exp, previousSecrets: ["x", OTHER, "y"] };
    const decoded = await verifyJwtToken(old, SECRET, null, null, options);
    expect(decoded).toMatchObject({ isValid: false, signatureVerified: true, payload: CLAIMS });
  });
});

test("in a page that a browser shows, nothing is verified, and the console says why", async () => {
  const said = vi.spyOn(console, "error").mockImplementation(() => undefined);
  vi.stubGlobal("document", {});
  expect((await verifyJwtToken(TOKEN, SECRET, null, null, at(NOW))).isValid).toBe(true);
  vi.stubGlobal("process", undefined);
  expect(await verifyJwtToken(TOKEN, SECRET, null, null, at(NOW))).toEqual(EMPTY);
  expect(said).toHaveBeenCalledOnce();
});

test("a segment that decodes to the same bytes is another token", async () => {
  const last = TOKEN.at(-1) as string;
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const same = TOKEN.slice(0, -1) + alphabet[alphabet.indexOf(last) + 1];
  expect(Buffer.from(same, "base64url")).toEqual(Buffer.from(TOKEN, "base64url"));
  expect(await verifyJwtToken(same, SECRET, null, null, at(NOW))).toEqual(EMPTY);
  expect(await verifyJwtToken(seal(`${TOKEN.split(".")[0]}.e30=`), SECRET, null, null, at(NOW))).toEqual(
    EMPTY,
  );
});
