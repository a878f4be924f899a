import { isPlain } from "./request-body.ts";

const UNSAFE = /^(__proto__|constructor|prototype)$/i;

/** What a request says of its body unless its caller does. */
export const JSON_TYPE: Readonly<Record<string, string>> = { "Content-Type": "application/json" };

/** Returns the headers of a request: defaults, below those of a `Request`, below those of the call. */
export function mergedHeaders(
  input: RequestInfo | URL,
  init: RequestInit | undefined,
  defaults: Record<string, string> | undefined,
): Headers {
  const merged = new Headers(JSON_TYPE);
  copy(defaults, merged);
  // The platform knows the type of a form or a file, with its boundary; a default would be wrong.
  if (!isPlain(input, init)) merged.delete("Content-Type");
  if (input instanceof Request) copy(input.headers, merged);
  copy(init?.headers, merged);
  return merged;
}

function copy(source: HeadersInit | undefined, into: Headers): void {
  if (source === undefined) return;
  const pairs = Symbol.iterator in source ? source : Object.entries(source);
  for (const [name, value] of pairs as Iterable<[string, string | undefined]>) {
    if (value !== undefined && !UNSAFE.test(name)) into.set(name, value);
  }
}
