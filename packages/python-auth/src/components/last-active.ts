import { createElement, type ReactNode } from "react";
import { languageOf, type Messages } from "./messages.ts";

/** What `LastActive` takes. */
export interface LastActiveProps {
  readonly at: number;
  readonly locale: string | undefined;
  readonly messages: Messages;
}

/** Says when a session was last used; nothing, where that is not a time. */
export function LastActive({ at, locale, messages }: LastActiveProps): ReactNode {
  const active = new Date(at);
  // Neither what is no time nor the beginning of Unix's, which is what `null` becomes.
  if (!(active.getTime() > 0)) return null;
  const format = new Intl.DateTimeFormat(variantsOf(languageOf(locale)), {
    dateStyle: "medium",
    timeStyle: "short",
  });
  return [
    ` · ${messages.lastActive} `,
    createElement("time", { key: "time", dateTime: active.toISOString() }, format.format(active)),
  ];
}

/** The reader's own variants of a language: British English writes times in another way than American. */
function variantsOf(language: string): string[] {
  const own = navigator.languages.filter(
    (tag) => tag.toLowerCase().replace(/-.*/, "") === language && isTag(tag),
  );
  return [...own, language];
}

/** A browser of a session with POSIX's locale says `en-US@posix`, at which `Intl` throws. */
function isTag(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length > 0;
  } catch {
    return false;
  }
}
