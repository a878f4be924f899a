import type { ReactNode } from "react";
import type { Locale, Messages } from "./messages.ts";

/** A part of a component that an application can give classes. */
export type Part =
  | "root"
  | "title"
  | "hint"
  | "field"
  | "label"
  | "input"
  | "fieldError"
  | "error"
  | "notice"
  | "submit"
  | "secondary"
  | "list"
  | "item"
  | "current";

/** How a component looks, and what it says. */
export interface Appearance {
  /** The classes of each part. */
  classNames?: Partial<Record<Part, string>>;
  /** `false` leaves the title out, where the page has one of its own; the form is still named by it. */
  hasTitle?: boolean;
  /** Shown below fields, by their names, as the rule of a password. */
  hints?: Readonly<Record<string, ReactNode>>;
  /** Shown above the fields, below the title. */
  header?: ReactNode;
  /** Shown below everything, as a link to another page. */
  footer?: ReactNode;
  /** English by default, and for a language that there is no dictionary of; `pt-BR` is `pt`. */
  locale?: Locale | (string & {});
  /** Texts in the place of the dictionary's. */
  messages?: Partial<Messages>;
}
