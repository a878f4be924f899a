import type { AuthUserClient } from "@bymax-one/python-auth/shared";
import type { AuthContextValue } from "./auth-context.types.ts";
import { useObservable } from "./use-observable.ts";
import { useSessionStore } from "./use-session-store.ts";

type Known =
  | { status: "authenticated"; user: AuthUserClient; isLoading: false }
  | { status: "unauthenticated"; user: null; isLoading: false }
  | { status: "loading"; user: AuthUserClient | null; isLoading: true };

/** The session; once `status` or `isLoading` is tested, the type says whether there is a user. */
export type UseSessionResult = Known & Pick<AuthContextValue, "lastValidation" | "refresh">;

/**
 * Returns who is signed in, and `refresh`, which asks the server again and never rejects.
 *
 * @throws Error there is no provider above
 */
export function useSession(): UseSessionResult {
  const store = useSessionStore("useSession");
  const state = useObservable(store);
  return {
    ...state,
    isLoading: state.status === "loading",
    refresh: store.refresh,
  } as UseSessionResult;
}
