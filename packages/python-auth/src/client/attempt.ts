/**
 * Sends one request, which ends early when the caller aborts it or no headers came in time.
 *
 * @param milliseconds how long to wait for the headers; for ever at 0 or below
 * @throws DOMException called `TimeoutError` when no headers came in time; else what `fetch` throws
 */
export async function attempt(
  input: RequestInfo | URL,
  init: RequestInit,
  milliseconds: number,
): Promise<Response> {
  const caller = callersSignal(input, init);
  if (milliseconds <= 0) return fetch(input, { ...init, signal: caller });
  const clock = new AbortController();
  const late = new DOMException(`no answer within ${milliseconds} ms`, "TimeoutError");
  const timer = setTimeout(() => clock.abort(late), milliseconds);
  const stop = caller === null ? undefined : forward(caller, clock);
  try {
    return await fetch(input, { ...init, signal: stop?.signal ?? clock.signal });
  } finally {
    clearTimeout(timer);
    stop?.release();
  }
}

/**
 * Waits for something that goes on for others when this caller leaves.
 *
 * @throws the caller's reason for leaving
 */
export async function unlessAborted<T>(begin: () => Promise<T>, signal: AbortSignal | null): Promise<T> {
  if (signal === null) return begin();
  signal.throwIfAborted();
  return new Promise<T>((resolve, reject) => {
    const leave = (): void => reject(signal.reason);
    signal.addEventListener("abort", leave);
    void begin()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", leave));
  });
}

/** Returns the signal with which a caller may end a request. */
export function callersSignal(input: RequestInfo | URL, init: RequestInit): AbortSignal | null {
  if (init.signal !== undefined) return init.signal;
  return input instanceof Request ? input.signal : null;
}

interface Forwarded {
  readonly signal: AbortSignal;
  release(): void;
}

/** Returns a signal that either of two aborts. */
function forward(caller: AbortSignal, clock: AbortController): Forwarded {
  if (AbortSignal.any !== undefined) {
    return { signal: AbortSignal.any([caller, clock.signal]), release: () => undefined };
  }
  const abort = (): void => clock.abort(caller.reason);
  if (caller.aborted) abort();
  caller.addEventListener("abort", abort);
  return { signal: clock.signal, release: () => caller.removeEventListener("abort", abort) };
}
