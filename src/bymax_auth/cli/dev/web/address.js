// Another mail address for the account: asked for with the password, confirmed by a mail to the new one.

import { call, send } from "./api.js";
import { $, focusOn, say } from "./dom.js";
import { field, onSubmit } from "./forms.js";
import { account, look, onAccount } from "./session.js";

onSubmit("move", async (values) => {
  await call("POST", "/auth/email/change", values);
  $("moving").open = false;
  $("new-address").hidden = false;
  say($("account-note"), `Nothing has changed yet. A mail to ${values.newEmail} has a token that confirms it.`);
  focusOn(field("confirm-address", "token"));
});

onSubmit("confirm-address", async (values) => {
  await send("POST", "/auth/email/change/confirm", values);
  $("new-address").hidden = true;
  await look();
  say($(account ? "account-note" : "sign-in-note"), "The address is changed, and the old one is told so.");
  focusOn($(account ? "account-title" : "sign-in-title"));
});

// The button of a demo account signs in with the address that the account has.
onAccount((now, before) => {
  if (!now || !before || now.id !== before.id || now.email === before.email) return;
  const demo = [...$("demo").children].find(({ dataset }) => dataset.email === before.email);
  if (!demo) return;
  demo.dataset.email = now.email;
  demo.querySelector("span").textContent = ` ${now.email}`;
});
