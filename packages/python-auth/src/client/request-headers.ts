import { isPlain } from "./request-body.ts";

const UNSAFE = new Set(["__proto__", "constructor", "prototype"]);
const CONTENT_TYPE = "content-type";

/** Returns the headers of a request: defaults, below those of a `Request`, below those of the call. */
export function mergedHeaders(
  input: RequestInfo | URL,
  init: RequestInit | undefined,
  defaults: Record<string, string> | undefined,
): Headers {
  const merged = new Headers();
  copy({ "Content-Type": "application/json" }, merged);
  copy(defaults, merged);
  // The platform knows the type of a form or a file, with its boundary; a default would be wrong.
  if (!isPlain(input, init)) merged.delete(CONTENT_TYPE);
  if (input instanceof Request) copy(input.headers, merged);
  copy(init?.headers, merged);
  return merged;
}

function copy(source: HeadersInit | undefined, into: Headers): void {
  if (source === undefined) return;
  const pairs =
    source instanceof Headers ? [...source] : Array.isArray(source) ? source : Object.entries(source);
  for (const [name, value] of pairs) {
    if (name !== undefined && value !== undefined && !UNSAFE.has(name.toLowerCase())) into.set(name, value);
  }
}
