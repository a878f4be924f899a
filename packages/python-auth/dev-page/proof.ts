import { useState } from "react";
import { flushSync } from "react-dom";
import { codeOf } from "./explain.ts";
import { demoAccounts, knownPassword } from "./facts.ts";
import { FieldRefused } from "./form.tsx";
import { useStore } from "./store.ts";
import { currentUser, useChange, useUser } from "./who.ts";

interface Proof {
  /** Whether the form has to ask for the password. */
  readonly isAsked: boolean;
  /** Shows the field, when the password is not the public one any more. */
  ask(): void;
  /** Does something with the password: the public one of a demo account, or the one that was typed. */
  prove<Result>(typed: string, work: (password: string) => Promise<Result>): Promise<Result>;
}

/** Returns how the signed-in visitor proves the password once more. */
export function useProof(): Proof {
  const user = useUser();
  const [isRefused, setRefused] = useState(false);
  useStore(demoAccounts);
  useChange(() => setRefused(false));
  const isAsked = isRefused || (user !== null && knownPassword(user.email) === undefined);
  const ask = (): void => flushSync(() => setRefused(true));
  return {
    isAsked,
    ask,
    async prove(typed, work) {
      // An action may have waited for a sign-in, which the form has not seen when it was sent.
      const known = isRefused ? undefined : knownPassword(currentUser()?.email ?? "");
      try {
        return await work(known ?? typed);
      } catch (error) {
        if (known === undefined || codeOf(error) !== "auth.invalid_credentials") throw error;
        ask();
        throw new FieldRefused("password", "The password of this account is not the public one any more.");
      }
    },
  };
}
