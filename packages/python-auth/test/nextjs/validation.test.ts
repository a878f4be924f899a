import { createAuthProxy } from "@bymax-one/python-auth/nextjs";
import { expect, test } from "vitest";
import { isToken } from "../../src/nextjs/validation.ts";

test("a secret may have as many bytes as the verifier takes, and not one more", () => {
  expect(() => createAuthProxy({ jwtSecret: "é".repeat(2048) })).not.toThrow();
  expect(() => createAuthProxy({ jwtSecret: `${"é".repeat(2048)}x` })).toThrow("at most 4096 bytes");
});

test("a name is text, also where code without types gives a number", () => {
  expect(isToken("5")).toBe(true);
  expect(isToken(5)).toBe(false);
});
