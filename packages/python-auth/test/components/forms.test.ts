// @vitest-environment jsdom
import { MfaChallenge, SignIn, SignUp } from "@bymax-one/python-auth/components";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createElement } from "react";
import { expect, test, vi } from "vitest";
import { ADA, hangUp, refuse, reply } from "../react/auth-server.ts";
import { until, usePage } from "../react/page.ts";
import { description, expectAccessible, field, press, said, shown } from "./screen.ts";

const page = usePage();

test("an account signs in", async () => {
  const onSuccess = vi.fn();
  const user = await shown(page(), createElement(SignIn, { key: "form", onSuccess }));
  expect(field("Email")).toMatchObject({ type: "email", autocomplete: "username", required: true });
  expect(field("Password")).toMatchObject({ type: "password", autocomplete: "current-password" });
  await expectAccessible();
  await user.type(field("Email"), " ada@example.com ");
  await user.type(field("Password"), " secret {Enter}");
  await until(() => page().session.status === "authenticated");
  expect(page().server.bodyOf("POST login")).toEqual({ email: "ada@example.com", password: " secret " });
  await until(() => onSuccess.mock.calls.length === 1);
  expect(onSuccess).toHaveBeenCalledExactlyOnceWith({ user: ADA, accessToken: "" });
});

test("what is missing is said beside the fields, and the first of them has the focus", async () => {
  const user = await shown(page(), createElement(SignIn, { key: "form" }));
  await user.type(field("Email"), "nobody");
  await press(user, "Sign in");
  await until(() => document.activeElement === field("Email"));
  for (const [label, text] of [
    ["Email", "Enter an email address."],
    ["Password", "Fill in this field."],
  ] as const) {
    expect(field(label).getAttribute("aria-invalid")).toBe("true");
    expect(description(label)).toBe(text);
  }
  await expectAccessible();
  expect(page().server.count("POST login")).toBe(0);
  await user.type(field("Email"), "@example.com");
  await until(() => field("Email").ariaInvalid === null);
  expect(description("Email")).toBe("");
  expect(field("Password").ariaInvalid).toBe("true");
  expect(document.activeElement).toBe(field("Email"));
});

test.each([
  [
    refuse(429, "auth.account_locked", { retryAfterSeconds: 30 }),
    "Too many attempts. Wait before you try again. Try again in 30 seconds.",
  ],
  [refuse(503, "auth.overloaded"), "The server is busy. Wait before you try again."],
  [refuse(500, "auth.internal"), "That did not work. Try again."],
  [
    refuse(400, "auth.validation", [{ field: "tenantId", message: "is required" }]),
    "That did not work. Try again.",
  ],
  [refuse(400, "auth.validation", [null, 7]), "That did not work. Try again."],
  [refuse(400, "toString"), "That did not work. Try again."],
  [reply(502, "bad gateway"), "That did not work. Try again."],
  [hangUp, "The server cannot be reached. Check your connection, and try again."],
])("a refusal is said aloud, and the values stay (%#)", async (answer, text) => {
  const user = await shown(page(), createElement(SignIn, { key: "form" }));
  page().server.on("POST login", answer);
  await user.type(field("Email"), "ada@example.com");
  await user.type(field("Password"), "wrong{Enter}");
  await until(() => said("alert") !== "");
  expect(said("alert")).toBe(text);
  expect(field("Email").value).toBe("ada@example.com");
});

test.each([
  [
    SignIn,
    "login",
    refuse(401, "auth.invalid_credentials"),
    "Password",
    "The email or the password is not right.",
  ],
  [SignIn, "login", refuse(403, "auth.email_not_verified"), "Email", "Verify your email address first."],
  [
    SignUp,
    "register",
    refuse(409, "auth.email_already_exists"),
    "Email",
    "There is an account with this email already.",
  ],
  [
    SignUp,
    "register",
    refuse(400, "auth.password_compromised"),
    "Password",
    "This password is known from a data leak. Choose another one.",
  ],
])(
  "a refusal about one field is said beside it, and it has the focus (%#)",
  async (form, route, answer, label, text) => {
    const user = await shown(page(), createElement(form, { key: "form" }));
    page().server.on(`POST ${route}`, answer);
    if (form === SignUp) await user.type(field("Name"), "Ada");
    await user.type(field("Email"), "ada@example.com");
    await user.type(field("Password"), "a long password{Enter}");
    await until(() => document.activeElement === field(label) && field(label).ariaInvalid === "true");
    expect(description(label)).toBe(text);
    expect(said("alert")).toBe("");
    await expectAccessible();
  },
);

test("the address that must be verified first is handed to the application", async () => {
  const onUnverified = vi.fn();
  const user = await shown(page(), createElement(SignIn, { key: "form", onUnverified }));
  page().server.on("POST login", refuse(401, "auth.invalid_credentials"));
  await user.type(field("Email"), " ada@example.com ");
  await user.type(field("Password"), "secret{Enter}");
  await until(() => field("Password").ariaInvalid === "true");
  expect(onUnverified).not.toHaveBeenCalled();
  page().server.on("POST login", refuse(403, "auth.email_not_verified"));
  await user.type(field("Password"), "{Enter}");
  await until(() => onUnverified.mock.calls.length === 1);
  expect(onUnverified).toHaveBeenCalledExactlyOnceWith("ada@example.com");
});

test("the second step can have another place, which is told the token and the address", async () => {
  const onChallenge = vi.fn();
  const user = await shown(page(), createElement(SignIn, { key: "form", onChallenge }));
  page().server.on("POST login", reply(200, { mfaRequired: true, mfaTempToken: "temporary" }));
  await user.type(field("Email"), "ada@example.com");
  await user.type(field("Password"), "secret{Enter}");
  await until(() => onChallenge.mock.calls.length === 1);
  expect(onChallenge).toHaveBeenCalledExactlyOnceWith("temporary", "ada@example.com");
  expect(screen.queryByLabelText("Code")).toBe(null);
});

test("a field keeps its hint beside its error, and a form without a title keeps its name", async () => {
  const hints = { password: "At least 15 characters." };
  const user = await shown(page(), createElement(SignUp, { key: "form", hasTitle: false, hints }));
  expect(description("Password")).toBe("At least 15 characters.");
  expect(screen.queryByRole("heading")).toBe(null);
  expect(screen.getByRole("form", { name: "Create account" })).toBeTruthy();
  await press(user, "Create account");
  await until(() => document.activeElement === field("Name"));
  expect(description("Password")).toBe("Fill in this field. At least 15 characters.");
  await expectAccessible();
});

test("a form that is being sent says so, and is not sent twice", async () => {
  const user = await shown(page(), createElement(SignIn, { key: "form" }));
  const release = page().server.hold("POST login");
  await user.type(field("Email"), "ada@example.com");
  await user.type(field("Password"), "secret{Enter}");
  await until(() => said("status") === "Loading…");
  const button = screen.getByRole("button", { name: "Sign in" });
  expect(button.getAttribute("aria-disabled")).toBe("true");
  expect(screen.getByRole("form", { name: "Sign in" }).getAttribute("aria-busy")).toBe("true");
  await user.click(button);
  release();
  await until(() => page().session.status === "authenticated");
  expect(page().server.count("POST login")).toBe(1);
});

test("a second factor is asked for, and proved", async () => {
  const onSuccess = vi.fn();
  const user = await shown(page(), createElement(SignIn, { key: "form", onSuccess, tenantId: "acme" }));
  page().server.on("POST login", reply(200, { mfaRequired: true, mfaTempToken: "temporary" }));
  await user.type(field("Email"), "ada@example.com");
  await user.type(field("Password"), "secret{Enter}");
  await until(() => screen.queryByLabelText("Code") !== null);
  expect(page().server.bodyOf("POST login")).toMatchObject({ tenantId: "acme" });
  expect(field("Code")).toMatchObject({ autocomplete: "one-time-code", type: "text" });
  expect(field("Code").getAttribute("autocapitalize")).toBe("none");
  expect(field("Code").getAttribute("spellcheck")).toBe("false");
  await until(() => document.activeElement === field("Code"));
  await expectAccessible();
  page().server.on("POST mfa/challenge", refuse(401, "auth.mfa_invalid_code"));
  await user.type(field("Code"), "000000{Enter}");
  await until(() => document.activeElement === field("Code") && field("Code").ariaInvalid === "true");
  expect(description("Code")).toBe("This code is not right.");
  page().server.on("POST mfa/challenge", reply(200, { user: ADA }));
  await user.clear(field("Code"));
  await user.type(field("Code"), " 123456 {Enter}");
  await until(() => onSuccess.mock.calls.length === 1);
  expect(page().server.bodyOf("POST mfa/challenge")).toEqual({ code: "123456", mfaTempToken: "temporary" });
  expect(page().session.status).toBe("authenticated");
});

test("a sign-in that took too long begins again", async () => {
  const user = await shown(page(), createElement(SignIn, { key: "form" }));
  page().server.on("POST login", reply(200, { mfaRequired: true, mfaTempToken: "temporary" }));
  page().server.on("POST mfa/challenge", refuse(401, "auth.mfa_temp_token_invalid"));
  await user.type(field("Email"), "ada@example.com");
  await user.type(field("Password"), "secret{Enter}");
  await until(() => screen.queryByLabelText("Code") !== null);
  await user.type(field("Code"), "123456{Enter}");
  await until(() => said("alert") === "The sign-in took too long. Start again.");
  await press(user, "Start again");
  expect(field("Password").value).toBe("");
});

test("the second factor of a provider's sign-in is proved with its cookie", async () => {
  const user = await shown(page(), createElement(MfaChallenge, { key: "form" }));
  expect(screen.queryByRole("button", { name: "Start again" })).toBe(null);
  page().server.on("POST mfa/challenge", reply(200, { user: ADA }));
  await user.type(field("Code"), "AB12-CD34{Enter}");
  await until(() => page().session.status === "authenticated");
  expect(page().server.bodyOf("POST mfa/challenge")).toEqual({ code: "AB12-CD34" });
});

test("what an application throws after a sign-in is reported as its own, and no refusal is shown", async () => {
  const reported = vi.fn((event: ErrorEvent) => event.preventDefault());
  window.addEventListener("error", reported);
  const onSuccess = (): void => {
    throw new Error("a broken page");
  };
  const user = await shown(page(), createElement(SignIn, { key: "form", onSuccess }));
  await user.type(field("Email"), "ada@example.com");
  await user.type(field("Password"), "secret{Enter}");
  await until(() => reported.mock.calls.length === 1);
  window.removeEventListener("error", reported);
  expect(said("alert")).toBe("");
  expect(page().session.status).toBe("authenticated");
});

test("a fault of the application is not shown as one of the network", async () => {
  const reported = vi.fn((event: ErrorEvent) => event.preventDefault());
  window.addEventListener("error", reported);
  const { client } = page();
  const element = page().element({
    client: { ...client, login: () => Promise.reject(new Error("a broken client")) },
    children: createElement(SignIn),
  });
  const user = userEvent.setup();
  render(element);
  await user.type(field("Email"), "ada@example.com");
  await user.type(field("Password"), "secret{Enter}");
  await until(() => said("alert") === "That did not work. Try again.");
  window.removeEventListener("error", reported);
  expect(reported.mock.calls[0]?.[0].message).toContain("a broken client");
});

test("every part takes classes, and an application adds its own parts and texts", async () => {
  const parts = [
    "root",
    "title",
    "field",
    "label",
    "input",
    "fieldError",
    "error",
    "notice",
    "submit",
  ] as const;
  const classNames = Object.fromEntries(parts.map((part) => [part, `my-${part}`]));
  const form = createElement(SignIn, {
    key: "form",
    classNames,
    header: createElement("p", null, "Welcome"),
    footer: createElement("a", { href: "/forgot" }, "Forgotten?"),
    messages: { signIn: "Enter", required: "Please." },
  });
  const user = await shown(page(), form);
  await press(user, "Enter");
  await until(() => screen.queryAllByText("Please.").length === 2);
  for (const part of parts) expect(document.querySelector(`.my-${part}`)).not.toBe(null);
  expect(screen.getByText("Welcome")).toBeTruthy();
  expect(screen.getByRole("link", { name: "Forgotten?" })).toBeTruthy();
});
