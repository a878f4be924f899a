/**
 * The milliseconds that the body of a refresh may take.
 *
 * The headers of an answer have a limit already.  Everybody waits for a refresh, in the other tabs too.
 */
export const BODY_MILLISECONDS = 60_000;

/** Returns what a promise comes to; `null` where that takes longer, or fails. */
export async function within<T>(milliseconds: number, pending: Promise<T>): Promise<T | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), milliseconds);
  });
  return Promise.race([pending, late])
    .catch(() => null)
    .finally(() => clearTimeout(timer));
}
