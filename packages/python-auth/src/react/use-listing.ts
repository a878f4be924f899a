import { useCallback, useEffect, useState } from "react";
import { Listing, type ListingState } from "./listing.ts";
import { routeCalls } from "./route-calls.ts";
import type { SessionStore } from "./session-store.ts";
import { useObservable } from "./use-observable.ts";

/** A list of the server, and what asks for it again. */
export interface UseListing<T> extends ListingState<T> {
  readonly reload: () => Promise<void>;
}

/** Returns the list that a route has for the signed-in user; empty for nobody. */
export function useListing<T>(store: SessionStore, path: string): UseListing<T> {
  const [listing] = useState(() => new Listing<T>());
  const state = useObservable(listing);
  const reload = useCallback(
    () => listing.load(async () => (await routeCalls(store).read("GET", path)) as unknown as T[]),
    [listing, store, path],
  );
  const userId = useObservable(store).user?.id;
  useEffect(() => {
    if (userId === undefined) return;
    void reload();
    return () => listing.clear();
  }, [listing, reload, userId]);
  return { ...state, reload };
}
