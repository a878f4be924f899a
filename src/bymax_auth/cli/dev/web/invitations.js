// An invitation into the tenant, and its acceptance by the invited person.

import { call, send } from "./api.js";
import { askToSignIn, changeAccount } from "./account.js";
import { $, focusOn, noteOf, say } from "./dom.js";
import { field, mark, onSubmit } from "./forms.js";
import { account, onAccount } from "./session.js";

const note = noteOf($("invitations"));

function suggest() {
  const number = 1000 + (crypto.getRandomValues(new Uint16Array(1))[0] % 9000);
  field("invite", "email").defaultValue = `guest-${number}@example.com`;
}

onSubmit("invite", async (values, pressed) => {
  if (!account) return void askToSignIn(note);
  // The form keeps the address, which may be invited again or not at all.
  field("invite", "email").defaultValue = values.email;
  for (const option of field("invite", "role").options) option.defaultSelected = option.value === values.role;
  if (pressed.id === "withdraw") {
    await call("POST", "/auth/invitations/revoke", { email: values.email });
    return `${values.email} has no invitation now that you may take back: a token in an earlier mail is void.`;
  }
  try {
    await call("POST", "/auth/invitations", { ...values, tenantName: "Demo Ltd" });
  } catch (error) {
    if (error.code !== "auth.insufficient_role") throw error;
    return void refuseRole(values.role);
  }
  return `The mailbox has an invitation for ${values.email}.`;
});

function refuseRole(role) {
  mark(field("invite", "role"), `Refused (403): a ${account.role} may not invite to ${role}.`);
  focusOn(field("invite", "role"));
}

onSubmit("accept", async (values) => {
  await changeAccount(() => send("POST", "/auth/invitations/accept", values));
  $("accept").hidden = true;
  suggest();
  $("invite").reset();
  say($("account-note"), "You are signed in as the invited person. The mail has proven the address.");
  focusOn($("account-title"));
});

onAccount(() => say(note, ""));
suggest();
