import { useMfa } from "@bymax-one/python-auth/react";
import type { AuthResult } from "@bymax-one/python-auth/shared";
import { createElement, type ReactNode } from "react";
import type { Appearance } from "./appearance.ts";
import { AuthForm } from "./auth-form.ts";
import { codeField } from "./fields.ts";
import { messagesIn } from "./messages.ts";
import { tell } from "./tell.ts";

/** What `MfaChallenge` takes. */
export interface MfaChallengeProps extends Appearance {
  /** What `login` answered; without it the cookie of a provider's sign-in counts. */
  mfaTempToken?: string | undefined;
  onSuccess?: ((result: AuthResult) => void) | undefined;
  /** Offers to begin again, where it is given. */
  onRestart?: (() => void) | undefined;
}

/** Asks for the code of a second factor, and signs in with it. */
export function MfaChallenge(props: MfaChallengeProps): ReactNode {
  const { mfaTempToken, onSuccess, onRestart, ...appearance } = props;
  const { challenge } = useMfa();
  const messages = messagesIn(appearance.locale, appearance.messages);
  return createElement(AuthForm, {
    key: mfaTempToken,
    appearance,
    messages,
    title: messages.secondFactor,
    hint: messages.secondFactorHint,
    fields: [codeField("code", messages)],
    submit: messages.verify,
    takesFocus: onRestart !== undefined,
    secondary: onRestart === undefined ? undefined : { text: messages.startAgain, run: onRestart },
    async send({ code = "" }) {
      const result = await challenge(code.trim(), mfaTempToken || undefined);
      tell(() => onSuccess?.(result));
      return undefined;
    },
  });
}
