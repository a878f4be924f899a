import type { Appearance } from "@bymax-one/python-auth/components";

type ClassNames = NonNullable<Appearance["classNames"]>;

/** The classes of the package's forms, which are those of the page's own. */
export const FORM: ClassNames = {
  root: "form",
  hint: "hint",
  field: "field",
  fieldError: "error",
  error: "note bad",
  notice: "note info",
  secondary: "plain",
};

/** Those of its list of sessions. */
export const LIST: ClassNames = {
  list: "list",
  current: "mark",
  hint: "hint",
  label: "device",
  submit: "plain small",
  secondary: "plain small",
  error: "note bad",
  notice: "note info",
};
