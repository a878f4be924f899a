import { useAuth, useAuthStatus } from "@bymax-one/python-auth/react";
import type { AuthResult } from "@bymax-one/python-auth/shared";
import { createElement, type ReactNode } from "react";
import type { Appearance } from "./appearance.ts";
import { AuthForm } from "./auth-form.ts";
import { emailField, nameField, newPasswordField } from "./fields.ts";
import { messagesIn } from "./messages.ts";
import { tell } from "./tell.ts";
import { useBeginnings } from "./use-beginnings.ts";

/** What `SignUp` takes. */
export interface SignUpProps extends Appearance {
  /** The tenant of the account, where the server takes it from the client. */
  tenantId?: string | undefined;
  /** Called with the new account, also with one that may not sign in yet. */
  onSuccess?: ((result: AuthResult) => void) | undefined;
}

/** Creates an account, and signs in if the account may already; else it says what to wait for. */
export function SignUp(props: SignUpProps): ReactNode {
  const { tenantId, onSuccess, ...appearance } = props;
  const { register } = useAuth();
  const { isAuthenticated } = useAuthStatus();
  const beginnings = useBeginnings();
  const messages = messagesIn(appearance.locale, appearance.messages);
  return createElement(AuthForm, {
    key: beginnings.count,
    takesFocus: beginnings.takesFocus,
    onRestart: beginnings.begin,
    appearance,
    messages,
    title: messages.signUp,
    fields: [nameField(messages), emailField(messages), newPasswordField("password", messages)],
    submit: messages.signUp,
    hasNotice: !isAuthenticated,
    isOnce: true,
    async send({ name = "", email = "", password = "" }) {
      const account = { name: name.trim(), email: email.trim(), password };
      const result = await register(tenantId ? { ...account, tenantId } : account);
      tell(() => onSuccess?.(result));
      return messages.accountWaits;
    },
  });
}
