import type { Appearance } from "@bymax-one/python-auth/components";

/** The classes of the package's forms in this application. */
export const looks: NonNullable<Appearance["classNames"]> = {
  root: "card",
  title: "title",
  hint: "hint",
  field: "field",
  label: "label",
  fieldError: "fault",
  error: "alert",
  notice: "notice",
  submit: "button",
  secondary: "quiet",
  list: "list",
  item: "item",
  current: "badge",
};
