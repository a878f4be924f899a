import { ENGLISH } from "./messages-en.ts";
import { SPANISH } from "./messages-es.ts";
import { PORTUGUESE } from "./messages-pt.ts";

/** Every text that the components show; names in braces, as `{seconds}` and `{email}`, are replaced. */
export type Messages = { readonly [Key in keyof typeof ENGLISH]: string };

/** A language that the components speak. */
export type Locale = "en" | "pt" | "es";

const DICTIONARIES: Readonly<Record<Locale, Messages>> = { en: ENGLISH, pt: PORTUGUESE, es: SPANISH };

/** Returns the language of a tag such as `pt-BR`, English where there is no dictionary of it, or no tag. */
export function languageOf(tag: string | null | undefined): Locale {
  const language = String(tag ?? "en")
    .toLowerCase()
    .replace(/[-_].*/, "");
  return Object.hasOwn(DICTIONARIES, language) ? (language as Locale) : "en";
}

/** Returns the texts of a language, with those that an application gives in their places. */
export function messagesIn(tag: string | undefined, given: Partial<Messages> | undefined): Messages {
  // A translation that is missing, as `undefined`, would leave a form without the text that says what is wrong.
  const texts = Object.entries(given ?? {}).filter(([, text]) => typeof text === "string");
  return { ...DICTIONARIES[languageOf(tag)], ...Object.fromEntries(texts) };
}

/** Returns a text with values in the places of their names. */
export function filled(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}
