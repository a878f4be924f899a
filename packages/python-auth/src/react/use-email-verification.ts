import { AUTH_DASHBOARD_ROUTES } from "@bymax-one/python-auth/shared";
import { useMemo } from "react";
import { routeCalls } from "./route-calls.ts";
import type { SessionStore } from "./session-store.ts";
import { useSessionStore } from "./use-session-store.ts";

/** What proves that an address is its owner's; each function throws `AuthClientError` for a refusal. */
export interface UseEmailVerificationResult {
  /**
   * Proves an address with the code that was mailed to it; whoever is signed in reads it in the session.
   *
   * @param tenantId where the server takes it from the client
   */
  verify(email: string, code: string, tenantId?: string): Promise<void>;
  /** Sends another code, if the address has an account that waits for one. */
  resend(email: string, tenantId?: string): Promise<void>;
}

/**
 * Returns what proves an address; each function stays the same.
 *
 * @throws Error there is no provider above
 */
export function useEmailVerification(): UseEmailVerificationResult {
  const store = useSessionStore("useEmailVerification");
  return useMemo(() => actions(store), [store]);
}

function actions(store: SessionStore): UseEmailVerificationResult {
  return {
    async verify(email, otp, tenantId) {
      await routeCalls(store).done(AUTH_DASHBOARD_ROUTES.verifyEmail, {
        email,
        otp,
        ...store.tenant(tenantId),
      });
      if (store.getSnapshot().user !== null) await store.refresh();
    },
    resend: (email, tenantId) =>
      routeCalls(store).done(AUTH_DASHBOARD_ROUTES.resendVerification, { email, ...store.tenant(tenantId) }),
  };
}
