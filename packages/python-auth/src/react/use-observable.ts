import { useSyncExternalStore } from "react";
import type { Observable } from "./observable.ts";

/** Returns the state, and renders again when it changes. */
export function useObservable<State>(store: Observable<State>): State {
  return useSyncExternalStore(store.subscribe, store.getSnapshot, store.getServerSnapshot);
}
