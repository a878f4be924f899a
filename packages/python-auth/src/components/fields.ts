import type { Field } from "./auth-form.ts";
import type { Messages } from "./messages.ts";

/** The address; a password manager keeps it as the user's name. */
export function emailField(messages: Messages): Field {
  return { name: "email", label: messages.email, type: "email", autoComplete: "username" };
}

/** A code of an app or a mail; letters are allowed, because recovery codes have them. */
export function codeField(name: "code" | "otp", messages: Messages): Field {
  const field: Field = {
    name,
    label: messages.code,
    type: "text",
    autoComplete: "one-time-code",
    autoCapitalize: "none",
    spellCheck: false,
  };
  return name === "otp" ? { ...field, inputMode: "numeric" } : field;
}

/** A password to be set. */
export function newPasswordField(name: "password" | "newPassword", messages: Messages): Field {
  return { name, label: messages[name], type: "password", autoComplete: "new-password" };
}

/** The name of a person. */
export function nameField(messages: Messages): Field {
  return { name: "name", label: messages.name, type: "text", autoComplete: "name" };
}

/** The password of an account. */
export function passwordField(messages: Messages): Field {
  return { name: "password", label: messages.password, type: "password", autoComplete: "current-password" };
}
