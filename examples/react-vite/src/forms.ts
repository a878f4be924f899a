import type { Appearance } from "@bymax-one/python-auth/components";

/** The classes of the forms of the package; `styles.css` says how they look. */
export const looks: NonNullable<Appearance["classNames"]> = {
  root: "card",
  field: "field",
  fieldError: "field-error",
  hint: "hint",
  error: "error",
  notice: "notice",
  submit: "main",
  secondary: "quiet",
  list: "sessions",
  item: "session",
  current: "badge",
};
