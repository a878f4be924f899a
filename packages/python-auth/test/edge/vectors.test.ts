import { describe, expect, test } from "vitest";
import { judge } from "../../src/edge/verifier.ts";
import { verifyJwtToken } from "../../src/edge/verify.ts";
import { type StatusVector, statusVectors, type Vector, vectors } from "./tokens.ts";

const REASONS: Record<number, string> = {
  0: "valid",
  1: "expired",
  17: "unsupported_alg",
  18: "bad_signature",
};

/** What the module says under the current secret and each previous one, the first that is not of the signature. */
function statusOf(vector: Vector | StatusVector): number {
  const statuses = [vector.secret, ...vector.previousSecrets].map(
    (secret) =>
      judge({
        token: vector.token,
        secret,
        issuer: vector.issuer ?? undefined,
        audience: vector.audience ?? undefined,
        type: vector.expectedType ?? undefined,
        now: vector.now,
        expLeeway: vector.expLeeway,
        iatLeeway: vector.iatLeeway,
      }).status,
  );
  return statuses.find((found) => found !== 18) ?? 18;
}

// The module tells faults of form apart by place, so that both reasons of the vectors are one.
const expected = ({ reason }: Vector): string => (reason === "decode" ? "malformed" : (reason ?? "valid"));

test.each(vectors)("judges as everywhere: $name", (vector) => {
  expect(REASONS[statusOf(vector)] ?? "malformed").toBe(expected(vector));
});

test.each(statusVectors)("has the status of the contract: $name", async (vector) => {
  expect(statusOf(vector)).toBe(vector.status);
  const { token, secret, previousSecrets, now, expectedType, issuer, audience, expLeeway } = vector;
  const tolerance = expLeeway === 0 ? {} : { clockToleranceSeconds: expLeeway };
  const options = { now, previousSecrets, ...tolerance };
  const decoded = await verifyJwtToken(
    token,
    secret,
    { issuer, audience },
    expectedType ?? undefined,
    options,
  );
  // Without a tolerance of its own, the package allows a token to be issued a minute ahead.
  const isEarly = vector.status === 2;
  expect(decoded.signatureVerified).toBe(vector.status <= 1 || isEarly);
  expect(decoded.isValid).toBe(vector.status === 0 || vector.name === "iat = now + 31");
});

describe("with the leeways of the server", () => {
  const usual = vectors.filter(({ expLeeway, iatLeeway }) => expLeeway === 0 && iatLeeway === 60);

  test.each(usual)("verifyJwtToken admits exactly what the server admits: $name", async (vector) => {
    const { token, secret, previousSecrets, now, expectedType, issuer, audience } = vector;
    const decoded = await verifyJwtToken(token, secret, { issuer, audience }, expectedType, {
      now,
      previousSecrets,
    });
    expect(decoded.isValid).toBe(vector.verdict === "valid");
    expect(decoded.signatureVerified).toBe(vector.verdict === "valid" || vector.reason === "expired");
  });
});
