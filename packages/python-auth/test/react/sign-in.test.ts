// @vitest-environment jsdom
import { AuthClientError } from "@bymax-one/python-auth/client";
import { act } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { ADA, GRACE, hangUp, refuse, reply } from "./auth-server.ts";
import { until, usePage } from "./page.ts";

const page = usePage();
const NEW_ACCOUNT = { email: "grace@example.com", password: "a long password", name: "Grace" };

interface Tenant {
  tenantId?: string;
}

function signIn(options?: Tenant): Promise<unknown> {
  return act(() => page().seen.auth.login("ada@example.com", "secret", options));
}

test("a sign-in shows the user of the answer, without another question", async () => {
  await page().opened();
  await expect(signIn()).resolves.toEqual({ user: ADA, accessToken: "" });
  expect(page().session).toMatchObject({ status: "authenticated", user: ADA });
  expect(page().session.lastValidation).toBeInstanceOf(Date);
  expect(page().asked()).toBe(1);
});

test.each(["login", "register"] as const)("a pending %s leaves the form that called it", async (route) => {
  await page().opened();
  const release = page().server.hold(`POST ${route}`);
  const { login, register } = page().seen.auth;
  const pending = route === "login" ? login("ada@example.com", "secret") : register(NEW_ACCOUNT);
  await until(() => page().server.count(`POST ${route}`) === 1);
  expect(page().session.status).toBe("unauthenticated");
  release();
  await act(() => pending);
  expect(page().session.status).toBe("authenticated");
  expect(
    page()
      .renders.slice(1)
      .some(({ status }) => status === "loading"),
  ).toBe(false);
});

test.each([
  [{}, {}, {}],
  [{ defaultTenantId: null }, {}, {}],
  [{ defaultTenantId: "acme" }, {}, { tenantId: "acme" }],
  [{ defaultTenantId: "acme" }, { tenantId: "other" }, { tenantId: "other" }],
  [{}, { tenantId: "other" }, { tenantId: "other" }],
])("with %j and the argument %j, %j is sent", async (props, argument: Tenant, sent) => {
  await page().opened(props);
  const { forgotPassword, register, resetPassword } = page().seen.auth;
  for (const route of ["forgot-password", "reset-password"]) {
    page().server.on(`POST password/${route}`, reply(204));
  }
  await signIn(argument);
  const reset = { email: "ada@example.com", newPassword: "a new password", token: "t" };
  await act(() => register({ ...NEW_ACCOUNT, ...argument }));
  await act(() => forgotPassword("ada@example.com", argument.tenantId));
  await act(() => resetPassword({ ...reset, ...argument }));
  expect(page().server.bodyOf("POST login")).toEqual({
    email: "ada@example.com",
    password: "secret",
    ...sent,
  });
  expect(page().server.bodyOf("POST register")).toEqual({ ...NEW_ACCOUNT, ...sent });
  expect(page().server.bodyOf("POST password/forgot-password")).toEqual({
    email: "ada@example.com",
    ...sent,
  });
  expect(page().server.bodyOf("POST password/reset-password")).toEqual({ ...reset, ...sent });
});

test("a second factor signs out, and returns what proves it", async () => {
  page().server.user = GRACE;
  await page().opened();
  page().server.on("POST login", reply(200, { mfaRequired: true, mfaTempToken: "temporary" }));
  await expect(signIn()).resolves.toEqual({ mfaRequired: true, mfaTempToken: "temporary" });
  expect(page().session).toMatchObject({ status: "unauthenticated", user: null, lastValidation: null });
  page().server.on("POST mfa/challenge", reply(200, { user: ADA }));
  page().server.user = ADA;
  await act(() => page().client.mfaChallenge("temporary", "123456"));
  await act(() => page().session.refresh());
  expect(page().session).toMatchObject({ status: "authenticated", user: ADA });
});

test("an answer that says that no second factor is needed signs in", async () => {
  await page().opened();
  page().server.on("POST login", reply(200, { user: ADA, mfaRequired: false }));
  await signIn();
  expect(page().session).toMatchObject({ status: "authenticated", user: ADA });
});

test.each([
  ["login", 401, "auth.invalid_credentials"],
  ["login", 503, "auth.overloaded"],
  ["register", 409, "auth.email_already_exists"],
  ["register", 503, "auth.overloaded"],
])("a %s refused with %d %s is thrown, and nothing else happens", async (route, status, code) => {
  const onSessionExpired = vi.fn();
  page().server.user = GRACE;
  await page().opened({ onSessionExpired });
  page().server.on(`POST ${route}`, refuse(status, code, { retryAfterSeconds: 3 }));
  const { login, register } = page().seen.auth;
  const pending = route === "login" ? login("ada@example.com", "secret") : register(NEW_ACCOUNT);
  const thrown = await pending.catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(AuthClientError);
  expect(thrown).toMatchObject({ status, code, body: { details: { retryAfterSeconds: 3 } } });
  expect(page().session).toMatchObject({ status: "authenticated", user: GRACE });
  expect(page().server.count(`POST ${route}`)).toBe(1);
  expect(page().asked()).toBe(1);
  expect(onSessionExpired).not.toHaveBeenCalled();
});

test("a sign-in refused while the page is loading leaves nobody signed in", async () => {
  const release = page().server.hold("GET me");
  page().open();
  page().server.on("POST login", refuse(401, "auth.invalid_credentials"));
  await act(() =>
    page()
      .seen.auth.login("ada@example.com", "wrong")
      .catch(() => {}),
  );
  expect(page().session.status).toBe("unauthenticated");
  release();
});

test("a new account with a session is signed in", async () => {
  await page().opened();
  await act(() => page().seen.auth.register(NEW_ACCOUNT));
  expect(page().session).toMatchObject({ status: "authenticated", user: GRACE });
  expect(page().asked()).toBe(1);
});

test.each([
  ["waits for approval", { ...GRACE, status: "PENDING_APPROVAL" }],
  ["must verify its address", { ...GRACE, emailVerified: false }],
])("a new account that %s is not signed in before the server says so", async (_, user) => {
  await page().opened();
  page().server.on("POST register", reply(201, { user }));
  await act(() => page().seen.auth.register(NEW_ACCOUNT));
  expect(page().session).toMatchObject({ status: "unauthenticated", user: null });
  page().server.user = user;
  await act(() => page().seen.auth.register(NEW_ACCOUNT));
  expect(page().session).toMatchObject({ status: "authenticated", user });
});

test("a new account with tokens in the answer is signed in, whatever its state", async () => {
  await page().opened();
  const user = { ...GRACE, emailVerified: false };
  page().server.on("POST register", reply(201, { user, accessToken: "a", refreshToken: "r" }));
  await act(() => page().seen.auth.register(NEW_ACCOUNT));
  expect(page().session).toMatchObject({ status: "authenticated", user });
});

test.each([
  ["succeeds", reply(204)],
  ["is refused", refuse(503, "auth.overloaded")],
  ["is not answered", hangUp],
])("a sign-out that %s signs out here, and no session has expired", async (outcome, answer) => {
  const onSessionExpired = vi.fn();
  page().server.user = ADA;
  await page().opened({ onSessionExpired });
  page().server.on("POST logout", answer);
  const failed = await act(() =>
    page()
      .seen.auth.logout()
      .then(
        () => false,
        () => true,
      ),
  );
  expect(failed).toBe(outcome !== "succeeds");
  expect(page().session).toMatchObject({ status: "unauthenticated", user: null, lastValidation: null });
  expect(onSessionExpired).not.toHaveBeenCalled();
});

test("a slow answer from before a sign-out does not sign in again", async () => {
  page().server.user = ADA;
  await page().opened();
  const release = page().server.hold("GET me");
  const asked = page().session.refresh();
  await until(() => page().asked() === 2);
  await act(() => page().seen.auth.logout());
  page().server.user = ADA;
  release();
  await act(() => asked);
  expect(page().session.status).toBe("unauthenticated");
});

test("a slow 401 from before a sign-in does not end the new session", async () => {
  const onSessionExpired = vi.fn();
  const answers: (() => void)[] = [];
  page().server.on("GET me", (response) => {
    answers.push(() => refuse(401, "auth.token_missing")(response));
  });
  page().open({ onSessionExpired });
  const asked = page().session.refresh();
  await until(() => answers.length === 1);
  await signIn();
  answers[0]?.();
  await act(() => asked);
  expect(page().session).toMatchObject({ status: "authenticated", user: ADA });
  expect(onSessionExpired).not.toHaveBeenCalled();
});

test("a slow answer from before a second factor is not heard", async () => {
  page().server.user = GRACE;
  const release = page().server.hold("GET me");
  page().open();
  const asked = page().session.refresh();
  page().server.on("POST login", reply(200, { mfaRequired: true, mfaTempToken: "temporary" }));
  await until(() => page().asked() === 1);
  await signIn();
  release();
  await act(() => asked);
  expect(page().session.status).toBe("unauthenticated");
});
