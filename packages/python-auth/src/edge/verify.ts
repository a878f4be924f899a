import { decodedToken, EMPTY } from "./decoded-token.ts";
import { readHeader } from "./segments.ts";
import type { DecodedToken, TokenBinding, VerifyOptions } from "./types.ts";
import { judge, type Question, SIGNATURE_INVALID, VALID, type Verdict } from "./verifier.ts";

/** As on the server: hosts whose clocks differ a little serve one user, and no token lives longer than it says. */
const IAT_LEEWAY_SECONDS = 60;
const MAX_LEEWAY_SECONDS = 300;

/**
 * Verifies the signature, form, binding, type and times of a token, by the rules of the server.
 *
 * Never throws. A token that is only expired comes back with its claims, `signatureVerified` true and
 * `isValid` false; every other failure is the empty result, which does not say what was wrong.
 *
 * @param secret - The server's `jwt.secret`. Without one, every token fails.
 * @param binding - The issuer and audience that the server is configured with.
 * @param expectedType - `"dashboard"`, `"platform"` or `"mfa_challenge"`. Without it every type is valid, also
 *   that of somebody who has not yet given the second factor.
 */
export async function verifyJwtToken(
  token: string,
  secret?: string | null,
  binding?: TokenBinding | null,
  expectedType?: string | null,
  options: VerifyOptions = {},
): Promise<DecodedToken> {
  if (isBrowser()) {
    // biome-ignore lint/suspicious/noConsole: whoever bundled a secret for browsers must hear of it
    console.error("verifyJwtToken is for servers: the secret must not be sent to a browser");
    return EMPTY;
  }
  try {
    if (!isText(token) || !isText(secret)) return EMPTY;
    const previous = options.previousSecrets ?? [];
    const asked = question(token, secret, binding ?? {}, expectedType ?? undefined, options);
    return asked && Array.isArray(previous) ? result(token, judgeUnderAll(asked, previous)) : EMPTY;
  } catch {
    return EMPTY;
  }
}

function question(
  token: string,
  secret: string,
  binding: TokenBinding,
  type: string | undefined,
  options: VerifyOptions,
): Question | undefined {
  const issuer = binding.issuer ?? undefined;
  const audience = binding.audience ?? undefined;
  // What is no text would be written as one, and a check would compare something else than was meant.
  if (![issuer, audience, type].every((value) => value === undefined || typeof value === "string")) {
    return undefined;
  }
  const tolerance = options.clockToleranceSeconds;
  return {
    token,
    secret,
    issuer,
    audience,
    type,
    now: options.now ?? Math.floor(Date.now() / 1000),
    expLeeway: tolerance === undefined ? 0 : clamped(tolerance),
    iatLeeway: tolerance === undefined ? IAT_LEEWAY_SECONDS : clamped(tolerance),
  };
}

/** Returns the first verdict that is not of the signature. All secrets are tried, so that the time tells nothing. */
function judgeUnderAll(asked: Question, previousSecrets: readonly string[]): Verdict {
  let first = judge(asked);
  for (const secret of previousSecrets) {
    const verdict = judge({ ...asked, secret: isText(secret) ? secret : "" });
    if (first.status === SIGNATURE_INVALID) first = verdict;
  }
  return first;
}

function result(token: string, { status, claims }: Verdict): DecodedToken {
  if (!claims) return EMPTY;
  const verdict = { isValid: status === VALID, signatureVerified: true };
  return decodedToken(readHeader(token), JSON.parse(claims), verdict);
}

function clamped(seconds: number): number {
  // What is not a number is no tolerance.
  return Math.trunc(Math.min(Math.max(seconds, 0), MAX_LEEWAY_SECONDS)) || 0;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isBrowser(): boolean {
  return typeof document !== "undefined" && typeof process === "undefined";
}
