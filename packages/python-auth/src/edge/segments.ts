const MAX_TOKEN_LENGTH = 4096;

// The last character of a segment carries bits that are not used, and have to be zero.
const CANONICAL = /^(?:[\w-]{4})*(?:[\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/;

type Members = Readonly<Record<string, unknown>>;

/** Returns header and payload of a token, undefined when they are not what a token has. */
export function readSegments(token: string): { header: Members; payload: Members } | undefined {
  if (typeof token !== "string" || token.length > MAX_TOKEN_LENGTH) return undefined;
  const segments = token.split(".");
  const [header, payload] = segments;
  if (!header || !payload || segments.length !== 3 || !segments.every((text) => CANONICAL.test(text))) {
    return undefined;
  }
  try {
    return { header: readObject(header), payload: readObject(payload) };
  } catch {
    return undefined;
  }
}

/** Returns the JSON object in a segment of canonical base64url; throws when there is none. */
export function readObject(segment: string): Members {
  const binary = atob(segment.replaceAll("-", "+").replaceAll("_", "/"));
  return parseObject(Uint8Array.from(binary, (character) => character.charCodeAt(0)));
}

/** Returns the JSON object in UTF-8 bytes; throws when there is none. */
export function parseObject(bytes: Uint8Array): Members {
  const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new TypeError("no object");
  return value as Members;
}
