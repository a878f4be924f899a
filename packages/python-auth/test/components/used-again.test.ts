// @vitest-environment jsdom
import {
  MfaChallenge,
  ResetPassword,
  SessionList,
  SignIn,
  SignUp,
  VerifyEmail,
} from "@bymax-one/python-auth/components";
import { act, screen } from "@testing-library/react";
import type { UserEvent } from "@testing-library/user-event";
import { createElement, type FunctionComponent } from "react";
import { expect, test, vi } from "vitest";
import { ADA, GRACE, refuse, reply } from "../react/auth-server.ts";
import { settled, until, usePage } from "../react/page.ts";
import { description, field, press, said, shown } from "./screen.ts";

const page = usePage();

/** Shows a component with its first properties; `becomes` gives it others, as a page does that keeps it. */
async function kept<Props extends object>(component: FunctionComponent<Props>, first: Props) {
  const element = (props: Props) => createElement(component, { key: "kept", ...props });
  const user = await shown(page(), element(first));
  const becomes = (props: Props): void =>
    user.page.rerender(page().element({ children: [page().beside(), element(props)] }));
  return { user, becomes };
}

/** Types into a field that may have been reset, which `user.type` does not notice. */
async function types(user: UserEvent, label: string, text: string): Promise<void> {
  await user.clear(field(label));
  await user.type(field(label), text);
}

/** Somebody signs in elsewhere on the page, or in another tab. */
async function arrives(account: typeof ADA): Promise<void> {
  page().server.user = account;
  await act(() => page().session.refresh());
}

/** Whoever is signed in leaves. */
async function leaves(): Promise<void> {
  await act(() => page().seen.auth.logout());
}

function challenged(mfaTempToken: string): void {
  page().server.on("POST login", reply(200, { mfaRequired: true, mfaTempToken }));
}

test("a sign-in form that stays keeps neither the address nor the password of who signed in", async () => {
  const { user } = await kept(SignIn, {});
  for (const round of [1, 2]) {
    await types(user, "Email", "ada@example.com");
    await types(user, "Password", "secret{Enter}");
    await until(() => page().session.status === "authenticated");
    await settled(page());
    expect(document.activeElement).toBe(field("Password"));
    await leaves();
    expect(field("Email").value).toBe("");
    expect(field("Password").value).toBe("");
    expect(page().server.count("POST login")).toBe(round);
  }
});

test("a second step that is done, or that another tab overtook, gives way to the first", async () => {
  const { user } = await kept(SignIn, {});
  page().server.on("POST mfa/challenge", (response) => {
    page().server.user = ADA;
    reply(200, { user: ADA })(response);
  });
  for (const isOvertaken of [false, true]) {
    challenged("temporary");
    await types(user, "Email", "ada@example.com");
    await types(user, "Password", "secret{Enter}");
    await until(() => screen.queryByLabelText("Code") !== null);
    if (isOvertaken) await arrives(GRACE);
    else await types(user, "Code", "123456{Enter}");
    await until(() => screen.queryByLabelText("Code") === null);
    await leaves();
    expect(field("Email").value).toBe("");
  }
});

test("a second step of the same user, who signs in once more, gives way to the first", async () => {
  page().server.user = ADA;
  const { user } = await kept(SignIn, {});
  challenged("temporary");
  page().server.on("POST mfa/challenge", reply(200, { user: ADA }));
  await types(user, "Email", "ada@example.com");
  await types(user, "Password", "secret{Enter}");
  await until(() => screen.queryByLabelText("Code") !== null);
  await types(user, "Code", "123456{Enter}");
  await until(() => screen.queryByLabelText("Code") === null);
  await until(() => page().session.status === "authenticated");
});

test("whoever begins a sign-in again is at its first field", async () => {
  const { user } = await kept(SignIn, {});
  challenged("temporary");
  await types(user, "Email", "ada@example.com");
  await types(user, "Password", "secret{Enter}");
  await until(() => screen.queryByLabelText("Code") !== null);
  await press(user, "Start again");
  expect(document.activeElement).toBe(field("Email"));
});

test("a second step of its own forgets the code and the refusal of another token", async () => {
  const { user, becomes } = await kept(MfaChallenge, { mfaTempToken: "first" });
  page().server.on("POST mfa/challenge", refuse(401, "auth.mfa_invalid_code"));
  await types(user, "Code", "000000{Enter}");
  await until(() => field("Code").ariaInvalid === "true");
  becomes({ mfaTempToken: "second" });
  expect(field("Code").value).toBe("");
  expect(description("Code")).toBe("");
});

test("after an account that could sign in at once, another one can be created", async () => {
  const { user } = await kept(SignUp, {});
  for (const round of [1, 2]) {
    await types(user, "Name", "Grace");
    await types(user, "Email", "grace@example.com");
    await types(user, "Password", "a long password{Enter}");
    await until(() => page().session.status === "authenticated");
    await settled(page());
    await leaves();
    expect(said("status")).toBe("");
    expect(field("Name").value + field("Email").value + field("Password").value).toBe("");
    expect(page().server.count("POST register")).toBe(round);
  }
});

test("an account with a wrong address can be created anew, and is forgotten when somebody signs in", async () => {
  const { user } = await kept(SignUp, {});
  page().server.on("POST register", reply(201, { user: { ...GRACE, emailVerified: false } }));
  async function signsUp(): Promise<void> {
    await types(user, "Name", "Grace");
    await types(user, "Email", "grace@example.con");
    await types(user, "Password", "a long password{Enter}");
    await until(() => said("status").startsWith("The account is created."));
  }
  await signsUp();
  await press(user, "Start again");
  expect(document.activeElement).toBe(field("Name"));
  expect(field("Email").value).toBe("");
  expect(said("status")).toBe("");
  await signsUp();
  await arrives(ADA);
  await leaves();
  expect(said("status")).toBe("");
  expect(field("Name").value).toBe("");
});

test("another address to verify begins with an empty form", async () => {
  const { user, becomes } = await kept(VerifyEmail, { email: "ada@example.com" });
  page().server.on("POST verify-email", reply(204));
  await types(user, "Code", "123456{Enter}");
  await until(() => said("status") === "The address is verified.");
  expect(screen.queryByRole("button")).toBe(null);
  becomes({ email: "grace@example.com" });
  expect(said("status")).toBe("");
  expect(field("Code").value).toBe("");
});

test("a form that asks for the address verifies one after the other", async () => {
  const { user } = await kept(VerifyEmail, {});
  page().server.on("POST verify-email", reply(204));
  await types(user, "Email", "ada@example.com");
  await types(user, "Code", "123456{Enter}");
  await until(() => said("status") === "The address is verified.");
  await press(user, "Start again");
  expect(document.activeElement).toBe(field("Email"));
  expect(field("Email").value + field("Code").value + said("status")).toBe("");
});

test("another link to reset a password begins with an empty form, and no link with the address", async () => {
  const proof = { email: "ada@example.com", token: "first" };
  const { user, becomes } = await kept(ResetPassword, { proof, method: "code" });
  page().server.on("POST password/reset-password", reply(204));
  await types(user, "New password", "a new password{Enter}");
  await until(() => said("status") === "The password is set. You can sign in with it.");
  becomes({ proof: { ...proof, token: "second" }, method: "code" });
  expect(said("status")).toBe("");
  expect(field("New password").value).toBe("");
  becomes({ method: "code" });
  expect(field("Email").value).toBe("");
});

test("a code that was mailed is of no use beside a link, nor to who comes next", async () => {
  page().server.on("POST password/forgot-password", reply(200, {}));
  const { user, becomes } = await kept(ResetPassword, { method: "code" });
  async function asks(): Promise<void> {
    await types(user, "Email", "ada@example.com{Enter}");
    await until(() => screen.queryByLabelText("Code") !== null);
  }
  await asks();
  becomes({ method: "code", proof: { email: "grace@example.com", token: "t" } });
  expect(screen.queryByLabelText("Code")).toBe(null);
  becomes({ method: "code" });
  expect(said("status")).toBe("");
  await asks();
  await arrives(GRACE);
  expect(field("Email").value).toBe("");
  expect(said("status")).toBe("");
});

test("a mail with a link can be asked for again, and the address is gone with its user", async () => {
  page().server.user = ADA;
  page().server.on("POST password/forgot-password", reply(200, {}));
  const { user } = await kept(ResetPassword, {});
  await types(user, "Email", "ada@example.com{Enter}");
  await until(() => said("status").startsWith("If ada@example.com"));
  await press(user, "Send instructions");
  await until(() => page().server.count("POST password/forgot-password") === 2);
  await until(() => said("status").startsWith("If ada@example.com"));
  expect(field("Email").value).toBe("ada@example.com");
  await arrives(GRACE);
  expect(field("Email").value + said("status")).toBe("");
  await types(user, "Email", "grace@example.com{Enter}");
  await until(() => said("status").startsWith("If grace@example.com"));
  await leaves();
  expect(field("Email").value + said("status")).toBe("");
});

test("after a password is set with a code, another one can be reset", async () => {
  page().server.on("POST password/forgot-password", reply(200, {}));
  page().server.on("POST password/reset-password", reply(204));
  const { user } = await kept(ResetPassword, { method: "code" });
  await types(user, "Email", "ada@example.com{Enter}");
  await until(() => screen.queryByLabelText("Code") !== null);
  await types(user, "Code", "123456");
  await types(user, "New password", "a new password{Enter}");
  await until(() => said("status") === "The password is set. You can sign in with it.");
  await press(user, "Start again");
  expect(document.activeElement).toBe(field("Email"));
  expect(said("status")).toBe("");
});

test.each(["link", "code"] as const)(
  "a password that is reset with a %s while signed in is said to be set, though that ends the session",
  async (method) => {
    page().server.user = ADA;
    page().server.on("POST password/forgot-password", reply(200, {}));
    page().server.on("POST password/reset-password", reply(204));
    const proof = method === "link" ? { email: "ada@example.com", token: "t" } : undefined;
    const { user } = await kept(ResetPassword, { proof, method });
    if (method === "code") {
      await types(user, "Email", "ada@example.com{Enter}");
      await until(() => screen.queryByLabelText("Code") !== null);
      await types(user, "Code", "123456");
    }
    await types(user, "New password", "a new password{Enter}");
    await until(() => said("status") === "The password is set. You can sign in with it.");
    page().server.user = null;
    await act(() => page().session.refresh());
    expect(page().session.status).toBe("unauthenticated");
    expect(said("status")).toBe("The password is set. You can sign in with it.");
    await arrives(GRACE);
    expect(said("status")).toBe("");
  },
);

test("what was typed and said for one user is gone with them", async () => {
  page().server.user = ADA;
  const { user } = await kept(VerifyEmail, { email: "ada@example.com" });
  page().server.on("POST resend-verification", reply(204));
  await press(user, "Send another code");
  await until(() => said("status").startsWith("If ada@example.com"));
  await types(user, "Code", "123");
  // The same user is confirmed, and the page is kept by the browser and shown again: nobody has left.
  await act(() => page().session.refresh());
  window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
  await until(() => page().session.status === "authenticated");
  expect(field("Code").value).toBe("123");
  await leaves();
  expect(field("Code").value + said("status")).toBe("");
});

test.each([
  ["the same user", ADA, "1234"],
  ["another user", GRACE, ""],
  ["nobody", null, ""],
])("what was typed stays until the server can say who is signed in: %s", async (_who, account, left) => {
  page().server.user = ADA;
  const { user } = await kept(VerifyEmail, { email: "ada@example.com" });
  await types(user, "Code", "1234");
  page().server.on("GET me", refuse(503, "auth.store_unavailable"));
  // The page is kept by the browser, and shown again.
  window.dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
  window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
  await until(() => page().session.status === "unauthenticated");
  expect(field("Code").value).toBe("1234");
  page().server.on("GET me", account === null ? refuse(401, "auth.token_missing") : reply(200, account));
  await act(() => page().session.refresh());
  expect(field("Code").value).toBe(left);
});

test("what is typed before the first answer stays", async () => {
  const release = page().server.hold("GET me");
  page().server.user = ADA;
  const showing = shown(page(), createElement(VerifyEmail, { key: "form", email: "ada@example.com" }));
  await until(() => screen.queryByLabelText("Code") !== null);
  field("Code").value = "123456";
  release();
  await showing;
  expect(page().session.status).toBe("authenticated");
  expect(field("Code").value).toBe("123456");
});

test("a list says nothing of what another user did", async () => {
  const session = { id: "s", sessionHash: "a", device: "Safari", ip: "192.0.2.1", lastActivityAt: 1 };
  page().server.user = ADA;
  page().server.on("GET sessions", reply(200, [{ ...session, isCurrent: false }]));
  page().server.on("POST sessions/revoke-all", reply(204));
  const { user } = await kept(SessionList, {});
  await until(() => screen.queryAllByRole("listitem").length === 1);
  await press(user, "Sign out everywhere else");
  await until(() => said("status") === "The other sessions are ended.");
  await arrives(GRACE);
  await settled(page());
  expect(said("status")).toBe("");
});

test("a provider's sign-in of another user leaves the form of a waiting answer to that answer", async () => {
  const onSuccess = vi.fn();
  const { user } = await kept(SignIn, { onSuccess });
  const release = page().server.hold("POST login");
  await types(user, "Email", "ada@example.com");
  await types(user, "Password", "secret{Enter}");
  await until(() => said("status") === "Loading…");
  await arrives(GRACE);
  expect(said("status")).toBe("Loading…");
  expect(field("Password").value).toBe("");
  release();
  await until(() => onSuccess.mock.calls.length === 1);
  await until(() => said("status") === "");
});
