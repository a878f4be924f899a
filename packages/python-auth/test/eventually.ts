import { expect, vi } from "vitest";

/** Waits until something holds, for as long as a busy machine may need; meanwhile a stopped clock goes on. */
export async function eventually(holds: () => void): Promise<void> {
  await vi.waitFor(holds, { timeout: 30_000, interval: 5 });
}

/** Waits for a promise while a stopped clock goes on. */
export async function settled<T>(pending: Promise<T>): Promise<T> {
  let isSettled = false;
  const note = (): void => {
    isSettled = true;
  };
  pending.then(note, note);
  await eventually(() => expect(isSettled).toBe(true));
  return pending;
}
