/** Returns whether a request could be sent twice: a stream is gone once it was read. */
export function isReplayable(input: RequestInfo | URL, init: RequestInit | undefined): boolean {
  const body = init?.body;
  if (body !== undefined && body !== null) return isKept(body);
  return !carriesBody(input);
}

/** Returns whether the default content type describes a request: one with text, or without a body. */
export function isPlain(input: RequestInfo | URL, init: RequestInit | undefined): boolean {
  const body = init?.body;
  return body === undefined || body === null ? !carriesBody(input) : typeof body === "string";
}

function isKept(body: BodyInit): boolean {
  return (
    typeof body === "string" ||
    body instanceof FormData ||
    body instanceof URLSearchParams ||
    body instanceof Blob ||
    body instanceof ArrayBuffer ||
    ArrayBuffer.isView(body)
  );
}

function carriesBody(input: RequestInfo | URL): boolean {
  if (!(input instanceof Request)) return false;
  // Some browsers do not show the body of a request; its method tells whether it may have one.
  if (input.body === undefined) return input.method !== "GET" && input.method !== "HEAD";
  return input.body !== null;
}
