import { afterEach, beforeEach, vi } from "vitest";

/** Gives the tests the address of a page: Node has a browser's locks and channels, and not that. */
export function haveAddress(): void {
  beforeEach(() => {
    Object.defineProperty(globalThis, "location", { value: new URL("http://app.test/"), configurable: true });
  });
  afterEach(() => {
    Reflect.deleteProperty(globalThis, "location");
    vi.unstubAllGlobals();
  });
}
