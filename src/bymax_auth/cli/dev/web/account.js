// Signing in and out, registration, verification and passwords.

import { Refused, call, send } from "./api.js";
import { askForSecondStep, onSecondStep } from "./challenge.js";
import { $, act, focusOn, say } from "./dom.js";
import { field, onSubmit } from "./forms.js";
import { account, look, lookAgain, onAccount, signIn } from "./session.js";

let asked = false; // whether this tab asked for the change of who is signed in

// The public password of a demo account.
export function knownPassword(email) {
  const found = [...$("demo").children].find((demo) => demo.dataset.email === email);
  return found ? found.dataset.password : null;
}

export function askToSignIn(note) {
  if (!$("second-step").hidden) {
    say(note, "Sign in first: the second factor is still missing.", "bad");
    return focusOn(field("challenge", "code"));
  }
  say(note, "Sign in first: one press on a demo account is enough.", "bad");
  focusOn($("demo").firstElementChild || field("login", "email"));
}

export async function changeAccount(work) {
  asked = true;
  try {
    await work();
    await lookAgain();
  } finally {
    asked = false;
  }
}

async function enter(email, password) {
  let token = null;
  await changeAccount(async () => {
    token = await signIn(email, password);
  });
  if (token) askForSecondStep(email, token);
  else say($("account-note"), "You are signed in.");
}

export function askForToken(email) {
  $("forgotten").open = true;
  $("reset").hidden = false;
  field("reset", "email").value = email;
}

function askForCode(address) {
  $("verification").hidden = false;
  field("verify", "email").value = address;
}

export function useCredential({ form, name, next, opens }, email, value) {
  if (form === "verify") askForCode(email);
  if (form === "reset") askForToken(email);
  if (opens) $(opens).hidden = false;
  if (field(form, "email")) field(form, "email").value = email;
  field(form, name).value = value;
  const target = field(form, next || name);
  target.scrollIntoView({ block: "center" });
  target.focus({ preventScroll: true });
}

onAccount((now, before) => {
  $("sign-in").hidden = $("registration").hidden = now !== null;
  $("account").hidden = now === null;
  if (now) {
    $("verification").hidden = now.emailVerified;
    if (!now.emailVerified) field("verify", "email").value = now.email;
    $("name").textContent = now.name;
    $("role").textContent = now.role;
    $("address").textContent = now.email;
    for (const id of ["own-address", "phone-owner", "enrol-owner", "link-owner", "move-owner"]) $(id).value = now.email;
    $("tenant").textContent = now.tenantId;
    $("state").textContent = now.emailVerified ? "Address verified." : "Address not verified yet.";
    say($("sign-in-note"), "");
  } else if (before) {
    say($("account-note"), "");
    if (!asked) say($("sign-in-note"), "This login has ended: the server refuses its tokens.", "bad");
  }
  if (asked && Boolean(now) !== Boolean(before)) focusOn($(now ? "account-title" : "sign-in-title"));
});

$("demo").addEventListener("click", ({ target }) => {
  const demo = target.closest("button");
  if (!demo) return;
  act(demo, $("sign-in-note"), async () => {
    try {
      await enter(demo.dataset.email, demo.dataset.password);
    } catch (error) {
      if (error.code !== "auth.invalid_credentials") throw error;
      const message = "This demo account has another password or address now. A restart without a data file brings it back";
      throw new Refused(error.status, { code: error.code, message });
    }
  });
});
onSubmit("login", async ({ email, password }) => {
  try {
    await enter(email, password);
  } catch (error) {
    if (error.code === "auth.email_not_verified") askForCode(email);
    throw error;
  }
});
onSecondStep(async (pass) => {
  await changeAccount(pass);
  say($("account-note"), "You are signed in, with both factors.");
});
onSubmit("register", async (values) => {
  await changeAccount(() => send("POST", "/auth/register", values));
  const done = "Your account exists. The code to verify your address is in the mailbox.";
  if (account) say($("account-note"), done);
  else askForCode(values.email);
  return account ? "" : done;
});
onSubmit("verify", async (values) => {
  await send("POST", "/auth/verify-email", values);
  $("verification").hidden = true;
  field("login", "email").value = values.email;
  await look();
  say($(account ? "account-note" : "sign-in-note"), "Your address is verified.");
  focusOn($(account ? "account-title" : "sign-in-title"));
});
onSubmit("forgot", async ({ email }) => {
  await send("POST", "/auth/password/forgot-password", { email });
  askForToken(email);
  return "If there is such an account, a mail with a token is in the mailbox. One address gets one a minute.";
});
onSubmit("reset", async (values) => {
  await send("POST", "/auth/password/reset-password", values);
  $("forgotten").open = false;
  $("reset").hidden = true;
  field("login", "email").value = values.email;
  say($("sign-in-note"), "The new password is set. Sign in with it.");
  focusOn(field("login", "password"));
});
onSubmit("change", async (values) => {
  await call("POST", "/auth/password/change", values);
  $("changing").open = false;
  await look();
  say($("account-note"), "Your password is changed. Your other sessions have ended.");
  focusOn($("account-title"));
});

$("logout").onclick = ({ currentTarget }) =>
  act(currentTarget, $("account-note"), async () => {
    await changeAccount(() => send("POST", "/auth/logout"));
    say($("sign-in-note"), "You are signed out.");
  });
$("resend").onclick = ({ currentTarget }) =>
  act(currentTarget, $("verify").querySelector(".note"), async () => {
    await send("POST", "/auth/resend-verification", { email: field("verify", "email").value });
    return "If the address is not verified yet, a new code is in the mailbox.";
  });
