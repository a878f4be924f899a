// The second step of a sign-in: a code of the app, or a recovery code. After a provider, its token is in a
// cookie that scripts do not see, and so is whose sign-in it is.

import { send } from "./api.js";
import { $, act, focusOn, noteOf, say } from "./dom.js";
import { field, onSubmit } from "./forms.js";
import { account, onAccount } from "./session.js";

let pending = null; // the token and the address of the sign-in that waits for its second step
let codes = []; // recovery codes that this page was shown, and has not used
let owner = null;

export function keepRecoveryCodes(email, shown) {
  owner = email;
  codes = [...shown];
}

export function askForSecondStep(email, token) {
  pending = { email, token };
  $("challenged").textContent = email || "this sign-in";
  $("recover").hidden = owner !== email || codes.length === 0;
  $("sign-in").hidden = $("registration").hidden = true;
  $("second-step").hidden = false;
  focusOn(field("challenge", "code"));
}

function leave() {
  pending = null;
  $("challenge").reset();
  say(noteOf($("challenge")), "");
  $("second-step").hidden = true;
}

// Passing needs what only the account's part of the page has, which imports this one.
export function onSecondStep(pass) {
  onSubmit("challenge", async ({ code }) => {
    const { token } = pending;
    try {
      await pass(() => send("POST", "/auth/mfa/challenge", { ...(token ? { mfaTempToken: token } : {}), code: code.trim() }));
    } catch (error) {
      if (error.code !== "auth.mfa_temp_token_invalid") throw error;
      backToSignIn("The second step took too long, or its sign-in has ended. Sign in again.", "bad");
      return;
    }
    codes = codes.filter((known) => known !== code.trim());
  });
}

function backToSignIn(text, kind) {
  leave();
  $("sign-in").hidden = $("registration").hidden = false;
  say($("sign-in-note"), text, kind);
  focusOn($("sign-in-title"));
}

$("recover").onclick = () => {
  field("challenge", "code").value = codes[0] || "";
  focusOn(field("challenge", "code"));
};
$("leave").onclick = () => backToSignIn("", "ok");

// The demo phone, beside every form that asks for a code.
for (const phone of document.querySelectorAll("button[data-app]")) {
  phone.onclick = () =>
    act(phone, noteOf(phone.form), async () => {
      const email = phone.dataset.app === "challenge" ? pending.email : account.email;
      const secret = phone.dataset.app === "confirm" ? $("secret").textContent.replaceAll(" ", "") : "";
      const { code } = await send("POST", "/dev/demo/code", secret ? { secret } : { email });
      phone.form.elements.code.value = code;
      focusOn(phone.form.elements.code);
    });
}

onAccount((now) => now && leave());
