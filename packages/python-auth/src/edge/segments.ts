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

/** Returns the header of a token that was verified. */
export function readHeader(token: string): Members {
  // The one that the server writes is not read again for every token.
  return token.startsWith(`${OWN_HEADER}.`) ? OWN_MEMBERS : readObject(token.slice(0, token.indexOf(".")));
}

const OWN_HEADER = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
const OWN_MEMBERS: Members = { alg: "HS256", typ: "JWT" };

/** Returns the JSON object in a segment of canonical base64url; throws when there is none. */
function readObject(segment: string): Members {
  const binary = atob(segment.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new TypeError("no object");
  return value as Members;
}
