import { useSyncExternalStore } from "react";

/** Returns whether scripts have taken over the page: not on a server, and not until what it rendered is hydrated. */
export function useIsLive(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => true,
    () => false,
  );
}

function subscribe(): () => void {
  return unsubscribe;
}

function unsubscribe(): void {
  // Nothing changes after the page is live.
}
