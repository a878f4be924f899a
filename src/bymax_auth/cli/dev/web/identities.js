// The linked identities of the account: listed, linked at Demo ID, and unlinked.

import { call, explained } from "./api.js";
import { askToSignIn, knownPassword } from "./account.js";
import { $, act, button, element, focusOn, noteOf, renderList, say } from "./dom.js";
import { clear, field, mark, onSubmit } from "./forms.js";
import { account, onAccount } from "./session.js";

const form = $("link");
const home = new URL($("owner").href).origin; // where Demo ID sends the browser back to
const LEFT = "bymax-auth-demo-link"; // this tab has left for Demo ID to link, not to sign in
const LAST = "This is the last way in: the account has no password. Link another identity first.";
const NOT_LINKED = {
  oauth_failed: "Demo ID was not linked.",
  oauth_email_mismatch: "This identity is linked to another account, and stays there.",
};

export async function showIdentities() {
  const owner = account;
  const held = owner ? await call("GET", "/auth/oauth/identities") : [];
  // Somebody else may be signed in by now, or nobody.
  if (account?.id !== owner?.id) return;
  const empty = owner ? "No identity is linked to this account." : "Sign in to see those of your account.";
  renderList($("identities"), held, ({ id }) => id, identityItem, empty);
}

function identityItem({ id, provider, providerId, linkedAt }) {
  const name = provider === "demo-id" ? "Demo ID" : provider;
  const about = element("div", "");
  const since = linkedAt ? `, since ${new Date(linkedAt).toLocaleString()}` : "";
  about.append(element("strong", name), element("div", `${providerId}${since}`, "dim"));
  const unlink = button("Unlink", `Unlink ${name}, ${providerId}`, "plain small");
  const note = element("p", "", "note");
  note.setAttribute("role", "status");
  unlink.onclick = () => act(unlink, note, () => remove(id, name));
  const item = element("li", "");
  item.append(about, unlink, note);
  return item;
}

async function remove(id, name) {
  say(noteOf(form), "");
  try {
    await call("DELETE", "/auth/oauth/identities/" + id, proof());
  } catch (error) {
    if (error.code === "auth.forbidden") return void say(noteOfItem(id), LAST, "bad");
    if (error.code !== "auth.invalid_credentials") throw error;
    return void askForPassword(explained(error));
  }
  await showIdentities();
  say(noteOf(form), `${name} is unlinked. Every other session of the account has ended.`);
  focusOn($("identities-title"));
}

function noteOfItem(id) {
  return noteOf([...$("identities").children].find(({ dataset }) => dataset.key === id));
}

// The password once more. An account without one must have signed in within the last minutes instead.
function proof() {
  const password = $("link-field").hidden ? knownPassword(account.email) : field("link", "password").value;
  return password ? { password } : {};
}

function askForPassword(fault) {
  const asked = $("link-field").hidden;
  $("link-field").hidden = false;
  mark(field("link", "password"), asked ? "The password of this account is not the public one any more." : fault);
  focusOn(field("link", "password"));
}

onSubmit("link", async () => {
  const note = noteOf(form);
  if (location.origin !== home) return void say(note, `Demo ID sends you back to ${home}: open this page there, and sign in.`, "bad");
  if (!account) return void askToSignIn(note);
  let departure;
  try {
    departure = await call("POST", "/auth/oauth/demo-id/link", proof());
  } catch (error) {
    if (error.code !== "auth.invalid_credentials" || !$("link-field").hidden) throw error;
    return void askForPassword();
  }
  sessionStorage.setItem(LEFT, account.id);
  location.assign(departure.authorizeUrl);
});

// Say how the browser came back from a link; false when it had left for something else.
export function comeBack(query) {
  const owner = sessionStorage.getItem(LEFT);
  sessionStorage.removeItem(LEFT);
  const error = query.get("error");
  if (!account || !(query.has("linked") || (error && owner === account.id))) return false;
  if (error) say(noteOf(form), NOT_LINKED[error] || `Demo ID was not linked: ${error.replaceAll("_", " ")}.`, "bad");
  else say(noteOf(form), "Demo ID is linked. From now on it signs you in to this account.");
  focusOn($("identities-title"));
  return true;
}

onAccount(async (now) => {
  say(noteOf(form), "");
  form.reset();
  clear(field("link", "password"));
  $("link-field").hidden = now === null || knownPassword(now.email) !== null;
  await showIdentities();
});
document.addEventListener("visibilitychange", () => document.hidden || showIdentities().catch(() => {}));
