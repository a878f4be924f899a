import { AUTH_MFA_ROUTES, type AuthResult, type MfaSetupResult } from "@bymax-one/python-auth/shared";
import { useMemo } from "react";
import { routeCalls } from "./route-calls.ts";
import type { SessionStore } from "./session-store.ts";
import { useSessionStore } from "./use-session-store.ts";

/** What a second factor is proved and managed with; each function throws `AuthClientError` for a refusal. */
export interface UseMfaResult {
  /**
   * Proves the second factor of a sign-in, and signs in.
   *
   * @param code six digits of the app, or a recovery code
   * @param mfaTempToken what `login` answered; without it the cookie of a provider's sign-in counts
   */
  challenge(code: string, mfaTempToken?: string): Promise<AuthResult>;
  /** Begins an enrolment; an account with a password sends it. */
  setup(password?: string): Promise<MfaSetupResult>;
  /** Confirms an enrolment with a code of the app. Every session ends, this one too. */
  enable(code: string): Promise<void>;
  /** Removes the second factor with a code of the app. Every session ends, this one too. */
  disable(code: string): Promise<void>;
  /** Replaces the recovery codes, and returns the new ones. */
  regenerateRecoveryCodes(code: string): Promise<string[]>;
}

/**
 * Returns what a second factor is proved and managed with; each function stays the same.
 *
 * @throws Error there is no provider above
 */
export function useMfa(): UseMfaResult {
  const store = useSessionStore("useMfa");
  return useMemo(() => actions(store), [store]);
}

function actions(store: SessionStore): UseMfaResult {
  const end = async (path: string, code: string): Promise<void> => {
    await routeCalls(store).done(path, { code });
    store.end("expired");
  };
  return {
    async challenge(code, mfaTempToken) {
      const result = await (mfaTempToken === undefined
        ? routeCalls(store).session(AUTH_MFA_ROUTES.challenge, { code })
        : store.options.client.mfaChallenge(mfaTempToken, code));
      store.adopt(result.user);
      return result;
    },
    async setup(password) {
      const begun = await routeCalls(store).read("POST", AUTH_MFA_ROUTES.setup, { password });
      return begun as unknown as MfaSetupResult;
    },
    enable: (code) => end(AUTH_MFA_ROUTES.verifyEnable, code),
    disable: (code) => end(AUTH_MFA_ROUTES.disable, code),
    async regenerateRecoveryCodes(code) {
      const answer = await routeCalls(store).read("POST", AUTH_MFA_ROUTES.recoveryCodes, { code });
      return answer.recoveryCodes as string[];
    },
  };
}
