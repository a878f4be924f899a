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
}

/** Signs in with a password, and with the second factor of an account that has one. */
export function SignIn(props: SignInProps): ReactNode {
  const { tenantId, onSuccess, ...appearance } = props;
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
    async send({ email = "", password = "" }) {
      const result = await login(email.trim(), password, tenantId === undefined ? {} : { tenantId });
      if ("mfaRequired" in result) setMfaTempToken(result.mfaTempToken);
      else tell(() => onSuccess?.(result));
      return undefined;
    },
  });
}
