// @vitest-environment jsdom
import { ResetPassword, SignUp, VerifyEmail } from "@bymax-one/python-auth/components";
import { screen } from "@testing-library/react";
import { createElement } from "react";
import { expect, test, vi } from "vitest";
import { GRACE, refuse, reply } from "../react/auth-server.ts";
import { until, usePage } from "../react/page.ts";
import { description, expectAccessible, field, press, said, shown } from "./screen.ts";

const page = usePage();

/** Fails unless there is nothing left to send, and the focus is not lost with the button. */
async function expectOver(title: string, ...buttons: string[]): Promise<void> {
  expect(document.querySelector("input")).toBe(null);
  expect(screen.queryAllByRole("button").map(({ textContent }) => textContent)).toEqual(buttons);
  await until(() => document.activeElement === screen.getByRole("heading", { name: title }));
}

test("an account is created, and signed in", async () => {
  const onSuccess = vi.fn();
  const user = await shown(page(), createElement(SignUp, { key: "form", onSuccess }));
  expect(field("Name").autocomplete).toBe("name");
  expect(field("Password").autocomplete).toBe("new-password");
  await expectAccessible();
  await user.type(field("Name"), "Grace");
  await user.type(field("Email"), "grace@example.com");
  await user.type(field("Password"), "a long password{Enter}");
  await until(() => onSuccess.mock.calls.length === 1);
  expect(page().session.user).toEqual(GRACE);
  expect(page().server.bodyOf("POST register")).toEqual({
    name: "Grace",
    email: "grace@example.com",
    password: "a long password",
  });
  expect(said("status")).toBe("");
});

test("an account that must wait is told for what", async () => {
  const user = await shown(page(), createElement(SignUp, { key: "form", tenantId: "acme" }));
  page().server.on("POST register", reply(201, { user: { ...GRACE, emailVerified: false } }));
  await user.type(field("Name"), "Grace");
  await user.type(field("Email"), "grace@example.com");
  await user.type(field("Password"), "a long password{Enter}");
  await until(() => said("status") !== "" && said("status") !== "Loading…");
  expect(said("status")).toBe("The account is created. Check your mail, or wait until it is approved.");
  expect(page().server.bodyOf("POST register")).toMatchObject({ tenantId: "acme" });
  await expectOver("Create account", "Start again");
  await expectAccessible();
});

test("the rules that the server finds broken are said beside their fields, in the reader's language", async () => {
  const user = await shown(page(), createElement(SignUp, { key: "form", locale: "pt" }));
  const broken = ["name", "email", "password", "tenantId"].map((name) => ({
    field: name,
    message: name === "password" ? "must be at least 15 characters" : "is bad",
  }));
  page().server.on("POST register", refuse(400, "auth.validation", broken));
  await user.type(field("Nome"), "G");
  await user.type(field("E-mail"), "g@example.com");
  await user.type(field("Senha"), "short{Enter}");
  await until(() => document.activeElement === field("Nome"));
  expect(said("alert")).toBe("");
  for (const text of [
    "Verifique este campo.",
    "Digite um endereço de e-mail.",
    "Use pelo menos 15 caracteres.",
  ]) {
    expect(screen.getByText(text)).toBeTruthy();
  }
});

test.each([
  ["password must be at least 12 characters", "Use at least 12 characters."],
  ["must be at most 256 characters", "Use at most 256 characters."],
  ["must be valid text", "Check this field."],
])("a password is refused for what is wrong with it: %s", async (message, text) => {
  const proof = { email: "ada@example.com", token: "t" };
  const user = await shown(page(), createElement(ResetPassword, { key: "form", proof }));
  const broken = [{ field: "newPassword", message }];
  page().server.on("POST password/reset-password", refuse(400, "auth.validation", broken));
  await user.type(field("New password"), "a new password{Enter}");
  await until(() => screen.queryByText(text) !== null);
});

test("a link to reset the password is asked for", async () => {
  const user = await shown(page(), createElement(ResetPassword, { key: "form" }));
  page().server.on("POST password/forgot-password", reply(200, {}));
  await expectAccessible();
  await user.type(field("Email"), "ada@example.com{Enter}");
  await until(() => said("status").startsWith("If ada@example.com has an account"));
  expect(page().server.bodyOf("POST password/forgot-password")).toEqual({ email: "ada@example.com" });
});

test("a password is set with the link that was followed", async () => {
  const onSuccess = vi.fn();
  const proof = { email: "ada@example.com", token: "t" };
  const user = await shown(page(), createElement(ResetPassword, { key: "form", proof, onSuccess }));
  page().server.on("POST password/reset-password", refuse(400, "auth.password_reset_token_invalid"));
  await user.type(field("New password"), "a new password{Enter}");
  await until(() => said("alert") === "This link is no longer valid. Ask for another one.");
  expect(document.querySelector("[autocomplete=username]")).toMatchObject({
    value: "ada@example.com",
    hidden: true,
  });
  page().server.on("POST password/reset-password", reply(204));
  await user.type(field("New password"), "{Enter}");
  await until(() => said("status") === "The password is set. You can sign in with it.");
  expect(page().server.bodyOf("POST password/reset-password")).toEqual({
    ...proof,
    newPassword: "a new password",
  });
  expect(onSuccess).toHaveBeenCalledOnce();
  await expectOver("Reset password");
});

test("a password is set with a code, and another code can be asked for", async () => {
  const form = createElement(ResetPassword, { key: "form", method: "code", tenantId: "acme", locale: "es" });
  const user = await shown(page(), form);
  page().server.on("POST password/forgot-password", reply(200, {}));
  await user.type(field("Correo electrónico"), "ada@example.com{Enter}");
  await until(() => screen.queryByLabelText("Código") !== null);
  expect(said("status")).toBe("Si ada@example.com tiene una cuenta, las instrucciones están en camino.");
  await until(() => document.activeElement === field("Código"));
  expect(field("Código")).toMatchObject({ autocomplete: "one-time-code", inputMode: "numeric" });
  await press(user, "Empezar de nuevo");
  await user.type(field("Correo electrónico"), "ada@example.com{Enter}");
  await until(() => screen.queryByLabelText("Código") !== null);
  const broken = [{ field: "otp", message: "must be six digits" }];
  page().server.on("POST password/reset-password", refuse(400, "auth.validation", broken));
  await user.type(field("Código"), "12345");
  await user.type(field("Nueva contraseña"), "a new password{Enter}");
  await until(() => screen.queryByText("Este código no es correcto.") !== null);
  page().server.on("POST password/reset-password", reply(204));
  await user.type(field("Código"), "6{Enter}");
  await until(() => said("status").startsWith("La contraseña está definida."));
  expect(page().server.bodyOf("POST password/reset-password")).toEqual({
    email: "ada@example.com",
    newPassword: "a new password",
    otp: "123456",
    tenantId: "acme",
  });
});

test("an address is verified with the code that was mailed to it", async () => {
  const onSuccess = vi.fn();
  const user = await shown(
    page(),
    createElement(VerifyEmail, { key: "form", email: "ada@example.com", onSuccess }),
  );
  expect(screen.queryByLabelText("Email")).toBe(null);
  expect(screen.getByText("Enter the code that was mailed to you.")).toBeTruthy();
  expect(field("Code")).toMatchObject({ autocomplete: "one-time-code", inputMode: "numeric" });
  await expectAccessible();
  page().server.on("POST resend-verification", reply(204));
  await press(user, "Send another code");
  await until(() => said("status").endsWith("another code is on its way."));
  expect(page().server.bodyOf("POST resend-verification")).toEqual({ email: "ada@example.com" });
  page().server.on("POST verify-email", refuse(401, "auth.otp_invalid"));
  await user.type(field("Code"), "000000{Enter}");
  await until(() => description("Code") === "This code is not right, or no longer valid.");
  page().server.on("POST verify-email", reply(204));
  await user.clear(field("Code"));
  await user.type(field("Code"), " 123456 {Enter}");
  await until(() => said("status") === "The address is verified.");
  expect(page().server.bodyOf("POST verify-email")).toEqual({ email: "ada@example.com", otp: "123456" });
  expect(onSuccess).toHaveBeenCalledOnce();
  await expectOver("Verify your email");
  expect(screen.queryByText("Enter the code that was mailed to you.")).toBe(null);
});

test("a form without a title keeps the focus when it has nothing left to send", async () => {
  const props = { key: "form", email: "ada@example.com", hasTitle: false };
  const user = await shown(page(), createElement(VerifyEmail, props));
  page().server.on("POST verify-email", reply(204));
  await user.type(field("Code"), "123456{Enter}");
  await until(() => document.activeElement === screen.getByRole("form", { name: "Verify your email" }));
  expect(document.querySelectorAll("input, button")).toHaveLength(0);
});

test("an address that the page does not know is asked for, and a code is sent to it without one", async () => {
  const user = await shown(page(), createElement(VerifyEmail, { key: "form", tenantId: "acme" }));
  await press(user, "Send another code");
  await until(() => document.activeElement === field("Email"));
  expect(field("Code").getAttribute("aria-invalid")).toBe(null);
  page().server.on("POST resend-verification", reply(204));
  const release = page().server.hold("POST resend-verification");
  await user.type(field("Email"), " ada@example.com ");
  await press(user, "Send another code");
  await press(user, "Verify");
  release();
  await until(() => said("status").endsWith("another code is on its way."));
  expect(page().server.bodyOf("POST resend-verification")).toEqual({
    email: "ada@example.com",
    tenantId: "acme",
  });
  page().server.on("POST verify-email", reply(204));
  await user.type(field("Code"), "123456{Enter}");
  await until(() => said("status") === "The address is verified.");
  expect(page().server.count("POST verify-email")).toBe(1);
});
