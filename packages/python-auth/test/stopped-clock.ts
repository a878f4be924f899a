import { afterEach, beforeEach, vi } from "vitest";

/** Lets no timer of a file's tests fire by itself, so that a busy machine changes no result. */
export function stopTheClock(): void {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
}
