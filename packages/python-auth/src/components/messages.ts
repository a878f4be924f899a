import { ENGLISH } from "./messages-en.ts";
import { SPANISH } from "./messages-es.ts";
import { PORTUGUESE } from "./messages-pt.ts";

/** Every text that the components show; names in braces, as `{seconds}` and `{email}`, are replaced. */
export type Messages = { readonly [Key in keyof typeof ENGLISH]: string };

/** A language that the components speak. */
export type Locale = "en" | "pt" | "es";

const DICTIONARIES: Readonly<Record<Locale, Messages>> = { en: ENGLISH, pt: PORTUGUESE, es: SPANISH };

/** Returns the language of a tag such as `pt-BR`, English where there is no dictionary of it. */
export function languageOf(tag: string): Locale {
  const language = tag.toLowerCase().replace(/[-_].*/, "");
  return Object.hasOwn(DICTIONARIES, language) ? (language as Locale) : "en";
}

/** Returns the texts of a language, with those that an application gives in their places. */
export function messagesIn(tag: string, given: Partial<Messages> | undefined): Messages {
  return { ...DICTIONARIES[languageOf(tag)], ...given };
}

/** Returns a text with values in the places of their names. */
export function filled(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}
