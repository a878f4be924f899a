/** Returns what a promise comes to; `undefined` where that takes longer, or fails. */
export async function within<T>(milliseconds: number, pending: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  return Promise.race([pending, late])
    .catch(() => undefined)
    .finally(() => clearTimeout(timer));
}
