// A second factor: enrolled by a QR code, with recovery codes, and turned off again.

import { call, send } from "./api.js";
import { askToSignIn, changeAccount, knownPassword } from "./account.js";
import { keepRecoveryCodes } from "./challenge.js";
import { $, act, element, focusOn, noteOf, say } from "./dom.js";
import { field, mark, onSubmit } from "./forms.js";
import { account, onAccount } from "./session.js";

const part = $("factor");
const note = noteOf(part);

const PARTS = ["enrol", "enrolment", "manage"];
let enabled = false; // whether the codes that are shown are of a factor that is on

function show(shown) {
  for (const id of PARTS) $(id).hidden = id !== shown;
}

function showCodes(email, codes) {
  keepRecoveryCodes(email, codes);
  $("codes-of").textContent = email;
  $("code-list").replaceChildren(...codes.map((code) => element("li", code)));
  $("codes").hidden = false;
}

function hideCodes() {
  $("codes").hidden = true;
  $("code-list").replaceChildren();
}

onSubmit("enrol", async ({ password }) => {
  if (!account) return void askToSignIn(note);
  const asking = !$("enrol-field").hidden;
  let begun;
  try {
    begun = await call("POST", "/auth/mfa/setup", { password: asking ? password : knownPassword(account.email) });
  } catch (error) {
    if (asking || error.code !== "auth.invalid_credentials") throw error;
    return void askForPassword();
  }
  const { svg } = await send("POST", "/dev/demo/qr", { qrCodeUri: begun.qrCodeUri });
  $("qr").src = "data:image/svg+xml," + encodeURIComponent(svg);
  $("secret").textContent = begun.secret.match(/.{1,4}/g).join(" ");
  showCodes(account.email, begun.recoveryCodes);
  enabled = false;
  show("enrolment");
  focusOn($("enrolment-title"));
});

function askForPassword() {
  $("enrol-field").hidden = false;
  field("enrol", "password").required = true;
  mark(field("enrol", "password"), "The password of this account is not the public one any more.");
  focusOn(field("enrol", "password"));
}

onSubmit("confirm-factor", async ({ code }) => {
  await changeAccount(async () => {
    await call("POST", "/auth/mfa/verify-enable", { code });
    enabled = true;
  });
  say($("sign-in-note"), "The second factor is on, and every session has ended. Sign in again: a code is asked for now.");
});

onSubmit("manage", async ({ code }, pressed) => {
  if (pressed.id === "renew") {
    const { recoveryCodes } = await call("POST", "/auth/mfa/recovery-codes", { code });
    showCodes(account.email, recoveryCodes);
    enabled = true;
    focusOn($("codes-title"));
    return "These codes replace the earlier ones.";
  }
  await changeAccount(async () => {
    await call("POST", "/auth/mfa/disable", { code });
    enabled = false;
  });
  say($("sign-in-note"), "The second factor is off, and every session has ended. Sign in with the password alone.");
});

$("copy").onclick = ({ currentTarget }) =>
  act(currentTarget, noteOf($("codes")), async () => {
    await navigator.clipboard.writeText([...$("code-list").children].map((item) => item.textContent).join("\n"));
    return "The codes are in the clipboard.";
  });
$("print").onclick = () => print();
$("kept").onclick = () => {
  hideCodes();
  focusOn($("factor-title"));
};

onAccount((now) => {
  say(note, "");
  say(noteOf($("codes")), "");
  for (const id of ["enrol", "confirm-factor", "manage"]) $(id).reset();
  show(now && now.mfaEnabled ? "manage" : "enrol");
  $("qr").removeAttribute("src");
  $("secret").textContent = "";
  if (!enabled || (now && now.email !== $("codes-of").textContent)) hideCodes();
  field("enrol", "password").required = now !== null && knownPassword(now.email) === null;
  $("enrol-field").hidden = !field("enrol", "password").required;
});
