import { useAuth } from "@bymax-one/python-auth/react";
import type { AuthResult } from "@bymax-one/python-auth/shared";
import { createElement, type ReactNode, useState } from "react";
import type { Appearance } from "./appearance.ts";
import { AuthForm } from "./auth-form.ts";
import { emailField, passwordField } from "./fields.ts";
import { messagesIn } from "./messages.ts";
import { MfaChallenge } from "./mfa-challenge.ts";
import { tell } from "./tell.ts";
import { useUserChange } from "./use-user-change.ts";

/** What `SignIn` takes. */
export interface SignInProps extends Appearance {
  /** The tenant to sign in to, where the server takes it from the client. */
  tenantId?: string | undefined;
  onSuccess?: ((result: AuthResult) => void) | undefined;
  /** Takes the second step, where the page has another place for `MfaChallenge` than this one. */
  onChallenge?: ((mfaTempToken: string, email: string) => void) | undefined;
  /** Called with the address that must be verified before this account may sign in. */
  onUnverified?: ((email: string) => void) | undefined;
}

/** Where a sign-in is: at the second step with the token of the first, or at the first. */
interface Step {
  readonly mfaTempToken?: string;
  /** Whether the person came back to the first step, where the focus follows them. */
  readonly takesFocus?: true;
}

/** Signs in with a password, and with the second factor of an account that has one. */
export function SignIn(props: SignInProps): ReactNode {
  const { tenantId, onSuccess, onChallenge, onUnverified, ...appearance } = props;
  const { login } = useAuth();
  const [{ mfaTempToken, takesFocus = false }, setStep] = useState<Step>({});
  useUserChange((userId) => {
    // With nobody, another sign-in may just have come to its second step.
    if (userId !== null) setStep({});
  });
  if (mfaTempToken !== undefined) {
    return createElement(MfaChallenge, {
      ...appearance,
      mfaTempToken,
      onSuccess(result) {
        setStep({});
        onSuccess?.(result);
      },
      onRestart: () => setStep({ takesFocus: true }),
    });
  }
  const messages = messagesIn(appearance.locale, appearance.messages);
  return createElement(AuthForm, {
    appearance,
    messages,
    title: messages.signIn,
    takesFocus,
    fields: [emailField(messages), passwordField(messages)],
    submit: messages.signIn,
    async send({ email: typed = "", password = "" }) {
      const email = typed.trim();
      const result = await login(email, password, tenantId ? { tenantId } : {}).catch((error) => {
        if (error?.code === "auth.email_not_verified") tell(() => onUnverified?.(email));
        throw error;
      });
      if (!("mfaRequired" in result)) tell(() => onSuccess?.(result));
      else if (onChallenge === undefined) setStep({ mfaTempToken: result.mfaTempToken });
      else tell(() => onChallenge(result.mfaTempToken, email));
      return undefined;
    },
  });
}
