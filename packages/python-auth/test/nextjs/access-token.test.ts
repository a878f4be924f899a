import { decodeJwtToken, verifyJwtToken } from "@bymax-one/python-auth/edge";
import { expect, test } from "vitest";
import { isSession } from "../../src/nextjs/access-token.ts";
import { SECRET } from "../edge/tokens.ts";
import { accessToken, EXPIRED_TIMES } from "./visits.ts";

const verified = (token: string) => verifyJwtToken(token, SECRET, null, undefined);

test("a token that was read and not verified is nobody's session", () => {
  const read = decodeJwtToken(accessToken());
  expect(read.isValid).toBe(true);
  expect(isSession(read)).toBe(false);
});

test("a token that has expired is nobody's session, whatever its signature", async () => {
  expect(isSession(await verified(accessToken(EXPIRED_TIMES)))).toBe(false);
  expect(isSession(await verified(accessToken()))).toBe(true);
});
