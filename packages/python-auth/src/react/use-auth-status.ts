import { useObservable } from "./use-observable.ts";
import { useSessionStore } from "./use-session-store.ts";

/** Whether somebody is signed in. */
export interface UseAuthStatusResult {
  isAuthenticated: boolean;
  isLoading: boolean;
}

/**
 * Returns whether somebody is signed in, and whether that is still being asked.
 *
 * @throws Error there is no provider above
 */
export function useAuthStatus(): UseAuthStatusResult {
  const { status } = useObservable(useSessionStore("useAuthStatus"));
  return { isAuthenticated: status === "authenticated", isLoading: status === "loading" };
}
