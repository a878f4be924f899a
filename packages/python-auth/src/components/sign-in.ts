import { useAuth } from "@bymax-one/python-auth/react";
import type { AuthResult } from "@bymax-one/python-auth/shared";
import { createElement, type ReactNode, useState } from "react";
import type { Appearance } from "./appearance.ts";
import { AuthForm } from "./auth-form.ts";
import { emailField, passwordField } from "./fields.ts";
import { messagesIn } from "./messages.ts";
import { MfaChallenge } from "./mfa-challenge.ts";
import { tell } from "./tell.ts";

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

/** Signs in with a password, and with the second factor of an account that has one. */
export function SignIn(props: SignInProps): ReactNode {
  const { tenantId, onSuccess, onChallenge, onUnverified, ...appearance } = props;
  const { login } = useAuth();
  const [mfaTempToken, setMfaTempToken] = useState<string>();
  if (mfaTempToken !== undefined) {
    const onRestart = (): void => setMfaTempToken(undefined);
    return createElement(MfaChallenge, { ...appearance, mfaTempToken, onSuccess, onRestart });
  }
  const messages = messagesIn(appearance.locale ?? "en", appearance.messages);
  return createElement(AuthForm, {
    appearance,
    messages,
    title: messages.signIn,
    fields: [emailField(messages), passwordField(messages)],
    submit: messages.signIn,
    async send({ email: typed = "", password = "" }) {
      const email = typed.trim();
      const result = await login(email, password, tenantId === undefined ? {} : { tenantId }).catch(
        (error) => {
          if (error.code === "auth.email_not_verified") tell(() => onUnverified?.(email));
          throw error;
        },
      );
      if (!("mfaRequired" in result)) tell(() => onSuccess?.(result));
      else if (onChallenge === undefined) setMfaTempToken(result.mfaTempToken);
      else tell(() => onChallenge(result.mfaTempToken, email));
      return undefined;
    },
  });
}
