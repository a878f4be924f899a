import { useEmailVerification } from "@bymax-one/python-auth/react";
import { createElement, type ReactNode } from "react";
import type { Appearance } from "./appearance.ts";
import { AuthForm } from "./auth-form.ts";
import { codeField, emailField } from "./fields.ts";
import { filled, messagesIn } from "./messages.ts";
import { tell } from "./tell.ts";
import { useBeginnings } from "./use-beginnings.ts";

/** What `VerifyEmail` takes. */
export interface VerifyEmailProps extends Appearance {
  /** The address that the code was mailed to; without it the form asks for the address as well. */
  email?: string | undefined;
  tenantId?: string | undefined;
  onSuccess?: (() => void) | undefined;
}

/** Asks for the code that was mailed to a new account, and sends another one. */
export function VerifyEmail(props: VerifyEmailProps): ReactNode {
  const { email, tenantId, onSuccess, ...appearance } = props;
  const known = email?.trim() || undefined;
  const tenant = tenantId || undefined;
  const { verify, resend } = useEmailVerification();
  const beginnings = useBeginnings();
  const messages = messagesIn(appearance.locale, appearance.messages);
  const addressIn = (values: Record<string, string>): string => known ?? String(values.email).trim();
  const code = codeField("otp", messages);
  return createElement(AuthForm, {
    key: `${known ?? ""} ${beginnings.count}`,
    takesFocus: beginnings.takesFocus,
    onRestart: known === undefined ? beginnings.begin : undefined,
    appearance,
    messages,
    title: messages.verifyEmail,
    hint: messages.verifyEmailHint,
    fields: known === undefined ? [emailField(messages), code] : [code],
    submit: messages.verify,
    isOnce: true,
    secondary: {
      text: messages.sendCode,
      async send(values) {
        await resend(addressIn(values), tenant);
        return filled(messages.codeSent, { email: addressIn(values) });
      },
    },
    async send(values) {
      await verify(addressIn(values), String(values.otp).trim(), tenant);
      tell(() => onSuccess?.());
      return messages.emailVerified;
    },
  });
}
