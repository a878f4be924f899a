/** Throws, naming the function that was called. */
export type CheckFailure = (reason: string) => never;

// What the verifier takes.
const MAX_SECRET_BYTES = 4096;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Whether the text can name a cookie (RFC 6265) or a header (RFC 9110): both are tokens. */
export function isToken(text: unknown): text is string {
  return typeof text === "string" && TOKEN.test(text);
}

export function checkCookieNames(names: object, fail: CheckFailure): void {
  for (const name of Object.values(names)) {
    if (!isToken(name)) fail(`this cannot be the name of a cookie: ${JSON.stringify(name)}`);
  }
}

/** Checks the lengths, which the verifier would refuse for every token; never names a secret. */
export function checkSecrets(secret: string | null, previous: readonly string[], fail: CheckFailure): void {
  if (secret !== null && !isSecret(secret))
    fail(`jwtSecret must be text of at most ${MAX_SECRET_BYTES} bytes`);
  if (!previous.every(isSecret)) {
    fail(`each of previousJwtSecrets must be text of 1 to ${MAX_SECRET_BYTES} bytes`);
  }
}

function isSecret(secret: unknown): boolean {
  return (
    typeof secret === "string" &&
    secret !== "" &&
    new TextEncoder().encode(secret).byteLength <= MAX_SECRET_BYTES
  );
}
