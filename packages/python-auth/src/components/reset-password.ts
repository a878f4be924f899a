import { useAuth } from "@bymax-one/python-auth/react";
import { createElement, type ReactNode, useState } from "react";
import type { Appearance } from "./appearance.ts";
import { AuthForm } from "./auth-form.ts";
import { codeField, emailField, newPasswordField } from "./fields.ts";
import { filled, messagesIn } from "./messages.ts";
import { tell } from "./tell.ts";
import { useUserChange } from "./use-user-change.ts";

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
  const { proof, ...others } = props;
  // A page whose address holds only a part of a link has none.
  if (!(proof?.email && proof.token)) return createElement(ResetByMail, others);
  return createElement(NewPassword, { ...others, key: proof.token, email: proof.email, token: proof.token });
}

/** Where a reset is: at the code that was mailed to an address, or before it. */
interface Step {
  readonly mailedTo?: string;
  /** Whether the person came back, and the focus follows them. */
  readonly takesFocus?: true;
}

function ResetByMail(props: Omit<ResetPasswordProps, "proof">): ReactNode {
  const { method = "link", tenantId, onSuccess, ...appearance } = props;
  const { forgotPassword } = useAuth();
  const [{ mailedTo, takesFocus = false }, setStep] = useState<Step>({});
  useUserChange((userId) => {
    // With nobody, a reset may just have ended the session.
    if (userId !== null) setStep({});
  });
  const messages = messagesIn(appearance.locale, appearance.messages);

  if (mailedTo !== undefined) {
    const onRestart = (): void => setStep({ takesFocus: true });
    return createElement(NewPassword, { ...props, email: mailedTo, onRestart });
  }
  return createElement(AuthForm, {
    appearance,
    messages,
    title: messages.resetPassword,
    takesFocus,
    fields: [emailField(messages)],
    submit: messages.sendInstructions,
    // Whoever gets no mail asks for another one.
    keepsValues: true,
    async send({ email: typed = "" }) {
      const email = typed.trim();
      await forgotPassword(email, tenantId || undefined);
      if (method === "code") setStep({ mailedTo: email });
      return filled(messages.instructionsSent, { email });
    },
  });
}

interface NewPasswordProps extends Omit<ResetPasswordProps, "method" | "proof"> {
  readonly email: string;
  /** What a link proves; without it a code is asked for. */
  readonly token?: string;
  readonly onRestart?: () => void;
}

function NewPassword(props: NewPasswordProps): ReactNode {
  const { email, token, onRestart, tenantId, onSuccess, ...appearance } = props;
  const { resetPassword } = useAuth();
  const messages = messagesIn(appearance.locale, appearance.messages);
  const tenant = tenantId ? { tenantId } : {};
  const password = newPasswordField("newPassword", messages);
  return createElement(AuthForm, {
    appearance,
    messages,
    title: messages.resetPassword,
    isOnce: true,
    takesFocus: token === undefined,
    notice: token === undefined ? filled(messages.instructionsSent, { email }) : undefined,
    username: email,
    fields: token === undefined ? [codeField("otp", messages), password] : [password],
    submit: messages.setPassword,
    secondary: onRestart && { text: messages.startAgain, run: onRestart },
    onRestart,
    async send({ otp = "", newPassword = "" }) {
      const proof = token === undefined ? { otp: otp.trim() } : { token };
      await resetPassword({ email, newPassword, ...tenant, ...proof });
      tell(() => onSuccess?.());
      return messages.passwordSet;
    },
  });
}
