import { vi } from "vitest";

/** Waits until something holds, for as long as a busy machine may need. */
export async function eventually(holds: () => void): Promise<void> {
  await vi.waitFor(holds, { timeout: 30_000, interval: 5 });
}
