/** A longer delay overflows, and fires at once. */
const LONGEST_DELAY = 0x7fff_ffff;

/**
 * Sends one request, which ends early when the caller aborts it or no headers came in time.
 *
 * @param milliseconds how long to wait for the headers; for ever where that is no delay that a timer can have
 * @throws DOMException called `TimeoutError` when no headers came in time; else what `fetch` throws
 */
export async function attempt(
  input: RequestInfo | URL,
  init: RequestInit,
  milliseconds: number,
): Promise<Response> {
  const caller = callersSignal(input, init);
  if (!(milliseconds > 0 && milliseconds <= LONGEST_DELAY)) return fetch(input, { ...init, signal: caller });
  const clock = new AbortController();
  const late = new DOMException(`no answer within ${milliseconds} ms`, "TimeoutError");
  const timer = setTimeout(() => clock.abort(late), milliseconds);
  const leave = (): void => clock.abort(caller?.reason);
  // Where the platform joins signals, the caller's ends the reading of the body too.
  const either = caller && AbortSignal.any?.([caller, clock.signal]);
  if (caller?.aborted) leave();
  caller?.addEventListener("abort", leave);
  try {
    return await fetch(input, { ...init, signal: either ?? clock.signal });
  } finally {
    clearTimeout(timer);
    caller?.removeEventListener("abort", leave);
  }
}

/**
 * Waits for something that goes on for others when this caller leaves.
 *
 * @throws the caller's reason for leaving
 */
export function unlessAborted<T>(begin: () => Promise<T>, signal: AbortSignal | null): Promise<T> {
  if (signal === null) return begin();
  return new Promise<T>((resolve, reject) => {
    signal.throwIfAborted();
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
