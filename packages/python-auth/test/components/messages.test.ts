import type { Messages } from "@bymax-one/python-auth/components";
import { AUTH_ERROR_STATUS } from "@bymax-one/python-auth/shared";
import { expect, test } from "vitest";
import { filled, messagesIn } from "../../src/components/messages.ts";

const ENGLISH = messagesIn("en", undefined);

test.each(["pt", "es"] as const)(
  "%s says everything, in words of its own, with the same values",
  (locale) => {
    const messages = messagesIn(locale, undefined);
    expect(Object.keys(messages)).toEqual(Object.keys(ENGLISH));
    for (const key of Object.keys(ENGLISH) as (keyof Messages)[]) {
      expect(messages[key]).not.toBe(ENGLISH[key]);
      expect(messages[key].match(/\{\w+\}/g)).toEqual(ENGLISH[key].match(/\{\w+\}/g));
    }
  },
);

test.each([
  ["pt-BR", "pt"],
  ["PT_br", "pt"],
  ["es-419", "es"],
  ["en", "en"],
  ["est", "en"],
  ["fr-FR", "en"],
  ["", "en"],
])("the language of %j is %s", (tag, language) => {
  expect(messagesIn(tag, undefined)).toEqual(messagesIn(language, undefined));
});

test("every text of a refusal is for a code of the library", () => {
  const codes = Object.keys(ENGLISH).filter((key) => key.startsWith("auth."));
  expect(Object.keys(AUTH_ERROR_STATUS)).toEqual(expect.arrayContaining(codes));
});

test("a value takes its place, and an unknown name stays", () => {
  expect(filled("{a} and {b}", { a: 1 })).toBe("1 and {b}");
});
