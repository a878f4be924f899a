import type { Appearance } from "@bymax-one/python-auth/components";

/** The classes of the package's forms, which are those of the page's own. */
export const FORM: NonNullable<Appearance["classNames"]> = {
  root: "form",
  hint: "hint",
  field: "field",
  fieldError: "error",
  error: "note bad",
  notice: "note info",
  secondary: "plain",
};
