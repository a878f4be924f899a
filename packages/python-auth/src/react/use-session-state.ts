import { useSyncExternalStore } from "react";
import type { SessionState } from "./session-state.ts";
import type { SessionStore } from "./session-store.ts";

/** Returns the state, and renders again when it changes. */
export function useSessionState(store: SessionStore): SessionState {
  return useSyncExternalStore(store.subscribe, store.getSnapshot, store.getServerSnapshot);
}
