import type { AuthContextValue } from "./auth-context.types.ts";
import { useSessionStore } from "./use-session-store.ts";

/** What signs in and out, and resets a password. */
export type UseAuthResult = Pick<
  AuthContextValue,
  "login" | "register" | "logout" | "forgotPassword" | "resetPassword"
>;

/**
 * Returns the functions that change the session; each stays the same as long as the provider.
 *
 * @throws Error there is no provider above
 */
export function useAuth(): UseAuthResult {
  const { login, register, logout, forgotPassword, resetPassword } = useSessionStore("useAuth");
  return { login, register, logout, forgotPassword, resetPassword };
}
