// @vitest-environment jsdom
import {
  type Messages,
  MfaChallenge,
  ResetPassword,
  SessionList,
  SignIn,
  SignUp,
  VerifyEmail,
} from "@bymax-one/python-auth/components";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createElement } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ADA, reply } from "../react/auth-server.ts";
import { until, usePage } from "../react/page.ts";
import { description, field, press, said, shown } from "./screen.ts";

// What an application without a compiler gives, or one whose settings, translations or links are not there.
const page = usePage();
const reported = vi.fn((event: ErrorEvent) => event.preventDefault());

beforeEach(() => {
  reported.mockClear();
  window.addEventListener("error", reported);
});
afterEach(() => {
  window.removeEventListener("error", reported);
});

test.each([[undefined], [null], [7], [["a"]]])(
  "a text that is not there leaves the dictionary's: %j",
  async (text) => {
    const messages = { required: text, "auth.account_locked": text } as unknown as Partial<Messages>;
    const user = await shown(page(), createElement(SignIn, { key: "form", messages }));
    await press(user, "Sign in");
    await until(() => document.activeElement === field("Email"));
    expect(description("Email")).toBe("Fill in this field.");
  },
);

test("an empty text of an error still marks the field, and takes the focus to it", async () => {
  const user = await shown(page(), createElement(SignIn, { key: "form", messages: { required: "" } }));
  await press(user, "Sign in");
  await until(() => document.activeElement === field("Email"));
  expect(field("Email").ariaInvalid).toBe("true");
  await user.type(field("Email"), "a");
  await until(() => field("Email").ariaInvalid === null);
});

test("an empty hint of the dictionary leaves no empty paragraph", async () => {
  await shown(page(), createElement(VerifyEmail, { key: "form", messages: { verifyEmailHint: "" } }));
  expect(document.querySelector("p")).toBe(null);
});

test.each([[null], [undefined]])("messages, hints and classes may be %j", async (none) => {
  const given = { messages: none, hints: none, classNames: none, locale: none } as object;
  page().server.user = ADA;
  page().server.on("GET sessions", reply(200, []));
  await shown(page(), [
    createElement(SignUp, { key: "form", ...given }),
    createElement(SessionList, { key: "list", ...given }),
  ]);
  expect(screen.getByRole("heading", { name: "Create account" })).toBeTruthy();
  expect(screen.getByRole("heading", { name: "Where you are signed in" })).toBeTruthy();
});

test.each([[""], [false], [null], [undefined]])("a hint that is %j is none", async (hint) => {
  await shown(page(), createElement(SignUp, { key: "form", hints: { password: hint } }));
  expect(field("Password").getAttribute("aria-describedby")).toBe(null);
});

test("a hint can be a number", async () => {
  await shown(page(), createElement(SignUp, { key: "form", hints: { password: 0 } }));
  expect(description("Password")).toBe("0");
});

test.each(["xx-invalid@posix", "toString", "__proto__", "C.UTF-8"])(
  "a locale that does not exist is English: %s",
  async (locale) => {
    await shown(page(), createElement(SignIn, { key: "form", locale }));
    expect(screen.getByRole("heading", { name: "Sign in" })).toBeTruthy();
  },
);

test("a locale can be an object of Intl", async () => {
  const given = { locale: new Intl.Locale("pt-BR") } as object;
  await shown(page(), createElement(SignIn, { key: "form", ...given }));
  expect(screen.getByRole("heading", { name: "Entrar" })).toBeTruthy();
});

test.each([[null], [""], [" "]])("an address that is %j is asked for", async (email) => {
  await shown(page(), createElement(VerifyEmail, { key: "form", email } as object));
  expect(field("Email")).toBeTruthy();
});

test.each([[null], [{ email: "ada@example.com", token: "" }], [{ email: null, token: "t" }]])(
  "a link that proves nothing asks for a mail: %j",
  async (proof) => {
    await shown(page(), createElement(ResetPassword, { key: "form", proof } as object));
    expect(screen.getByRole("button", { name: "Send instructions" })).toBeTruthy();
  },
);

test.each([[null], [""]])("a tenant that is %j is none", async (tenantId) => {
  const given = { tenantId } as object;
  const user = await shown(page(), [
    createElement(SignIn, { key: "in", ...given }),
    createElement("hr", { key: "rule" }),
  ]);
  await user.type(field("Email"), "ada@example.com");
  await user.type(field("Password"), "secret{Enter}");
  await until(() => page().session.status === "authenticated");
  expect(page().server.bodyOf("POST login")).toEqual({ email: "ada@example.com", password: "secret" });
});

test.each([[null], [""]])(
  "a second step whose token is %j is proved with the cookie",
  async (mfaTempToken) => {
    const user = await shown(page(), createElement(MfaChallenge, { key: "form", mfaTempToken } as object));
    page().server.on("POST mfa/challenge", reply(200, { user: ADA }));
    await user.type(field("Code"), "123456{Enter}");
    await until(() => page().session.status === "authenticated");
    expect(page().server.bodyOf("POST mfa/challenge")).toEqual({ code: "123456" });
  },
);

test.each([
  [
    "throws",
    () => {
      throw new Error("a broken page");
    },
  ],
  ["rejects", () => Promise.reject(new Error("a broken page"))],
])(
  "an application that %s after a sign-in has its error reported once, and the form none",
  async (_, onSuccess) => {
    const user = await shown(page(), createElement(SignIn, { key: "form", onSuccess }));
    await user.type(field("Email"), "ada@example.com");
    await user.type(field("Password"), "secret{Enter}");
    await until(() => reported.mock.calls.length === 1);
    expect(reported.mock.calls[0]?.[0].message).toContain("a broken page");
    expect(said("alert")).toBe("");
    expect(page().session.status).toBe("authenticated");
  },
);

test("a client that fails without an error is one of the application", async () => {
  const client = { ...page().client, login: () => Promise.reject(undefined) };
  render(page().element({ client, children: createElement(SignIn) }));
  const user = userEvent.setup();
  await user.type(field("Email"), "ada@example.com");
  await user.type(field("Password"), "secret{Enter}");
  await until(() => said("alert") === "That did not work. Try again.");
  expect(reported).toHaveBeenCalledOnce();
});
