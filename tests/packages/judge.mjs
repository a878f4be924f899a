import { readFileSync } from "node:fs";
import { verifyJwtToken } from "@bymax-one/python-auth/edge";

/** Judges the vectors of a file through the installed package, and returns which it judges otherwise. */
export async function judge(path) {
  const wrong = [];
  let judged = 0;
  for (const vector of JSON.parse(readFileSync(path, "utf8"))) {
    const { token, secret, previousSecrets, issuer, audience, expectedType, now, expLeeway, iatLeeway } = vector;
    const usual = expLeeway === 0 && iatLeeway === 60;
    // Other leeways than the server's own can only be the same for both times.
    if (!usual && expLeeway !== iatLeeway) continue;
    const clockToleranceSeconds = usual ? undefined : expLeeway;
    const options = { now, previousSecrets, clockToleranceSeconds };
    const found = await verifyJwtToken(token, secret, { issuer, audience }, expectedType, options);
    const signed = vector.verdict === "valid" || vector.reason === "expired";
    if (found.isValid !== (vector.verdict === "valid") || found.signatureVerified !== signed) wrong.push(vector.name);
    judged += 1;
  }
  return { wrong, judged };
}
