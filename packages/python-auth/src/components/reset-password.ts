import { useAuth } from "@bymax-one/python-auth/react";
import { createElement, type ReactNode, useState } from "react";
import type { Appearance } from "./appearance.ts";
import { AuthForm } from "./auth-form.ts";
import { codeField, emailField, newPasswordField } from "./fields.ts";
import { filled, messagesIn } from "./messages.ts";
import { tell } from "./tell.ts";

/** What `ResetPassword` takes. */
export interface ResetPasswordProps extends Appearance {
  /** What the server mails: a link by default. */
  method?: "link" | "code" | undefined;
  /** The address and the token of the link that was followed; without them a mail is asked for. */
  proof?: { email: string; token: string } | undefined;
  tenantId?: string | undefined;
  onSuccess?: (() => void) | undefined;
}

/** Asks for a mail, and sets a new password with what was mailed. */
export function ResetPassword(props: ResetPasswordProps): ReactNode {
  const { method = "link", proof, tenantId, onSuccess, ...appearance } = props;
  const { forgotPassword, resetPassword } = useAuth();
  const [mailedTo, setMailedTo] = useState<string>();
  const messages = messagesIn(appearance.locale ?? "en", appearance.messages);
  const shared = { appearance, messages, title: messages.resetPassword };
  const tenant = tenantId === undefined ? {} : { tenantId };
  const sent = (email: string): string => filled(messages.instructionsSent, { email });

  if (proof === undefined && mailedTo === undefined) {
    return createElement(AuthForm, {
      ...shared,
      key: "ask",
      fields: [emailField(messages)],
      submit: messages.sendInstructions,
      async send({ email = "" }) {
        await forgotPassword(email.trim(), tenantId);
        if (method === "code") setMailedTo(email.trim());
        return sent(email.trim());
      },
    });
  }
  const code = proof === undefined ? [codeField("otp", messages)] : [];
  const email = proof?.email ?? String(mailedTo);
  return createElement(AuthForm, {
    ...shared,
    key: "set",
    isOnce: true,
    takesFocus: proof === undefined,
    notice: proof === undefined ? sent(email) : undefined,
    username: email,
    fields: [...code, newPasswordField("newPassword", messages)],
    submit: messages.setPassword,
    secondary:
      proof === undefined ? { text: messages.startAgain, run: () => setMailedTo(undefined) } : undefined,
    async send({ otp = "", newPassword = "" }) {
      const shown = proof === undefined ? { otp: otp.trim() } : { token: proof.token };
      await resetPassword({ email, newPassword, ...tenant, ...shown });
      tell(() => onSuccess?.());
      return messages.passwordSet;
    },
  });
}
