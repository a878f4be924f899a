import { useLayoutEffect } from "react";
import { Store } from "./store.ts";

/** How many parts of the page are still to come, whose arrival may move a button away from a press. */
export const missing: Store<number> = new Store(0);

/** Counts something that is to come; the function returned says that it is there. */
export function begin(): () => void {
  missing.set(missing.get() + 1);
  return () => missing.set(missing.get() - 1);
}

/** Waits until no more than `others` are still to come. */
export async function arrived(others = 0): Promise<void> {
  while (missing.get() > others) {
    await new Promise<void>((changed) => {
      const stop = missing.subscribe(() => {
        stop();
        changed();
      });
    });
  }
}

/** Keeps the page busy until a part is complete. */
export function useArrival(isComplete: boolean): void {
  // Before the browser paints, and so before anybody can press what is there already.
  useLayoutEffect(() => (isComplete ? undefined : begin()), [isComplete]);
}
