import { useContext } from "react";
import { AuthContext } from "./auth-context.ts";
import type { SessionStore } from "./session-store.ts";

/**
 * Returns the store of the provider above.
 *
 * @param hook the name of the hook that asks, for the message
 * @throws Error there is no provider above
 */
export function useSessionStore(hook: string): SessionStore {
  const store = useContext(AuthContext);
  if (store === null) throw new Error(`${hook} needs an <AuthProvider>.`);
  return store;
}
