import { Listed } from "../polling.ts";
import { send } from "../server.ts";

/** A captured mail. */
export interface Mail {
  readonly kind: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly createdAt: string;
}

/** What a mail has to be used, and what is said of it. */
export interface Credential {
  readonly kind: string;
  readonly pattern: RegExp;
  readonly label: string;
}

const SECRET = /\b[0-9a-f]{64}\b/;

export const CODE: Credential = {
  kind: "email_verification_otp",
  pattern: /\b[0-9]{6}\b/,
  label: "Use this code",
};
export const TOKEN: Credential = {
  kind: "password_reset_token",
  pattern: SECRET,
  label: "Use this token",
};
export const INVITATION: Credential = {
  kind: "invitation",
  pattern: SECRET,
  label: "Use this invitation",
};
export const ADDRESS: Credential = {
  kind: "email_change_verification",
  pattern: SECRET,
  label: "Use this new address",
};

/** The captured mail, newest first. */
export const mailbox: Listed<Mail> = new Listed<Mail>(() => send("GET", "/dev/mail"));
