// Sign-in with Demo ID, and what becomes of a stranger who registered the owner's address before.

import { Refused, send, sentence } from "./api.js";
import { askForSecondStep } from "./challenge.js";
import { $, act, focusOn, logIn, say } from "./dom.js";
import { comeBack } from "./identities.js";
import { account } from "./session.js";

const part = $("provider");
const note = $("stranger-note");
const KEPT = "bymax-auth-demo-stranger"; // survives the way to the provider and back, in this tab alone
const REFUSALS = {
  oauth_failed: "Demo ID did not sign you in.",
  oauth_email_mismatch: "An account here has this address already, and an address at a provider is no proof of it. Sign in with its password.",
  email_not_verified: "Demo ID has not verified this address, and neither have you. The mailbox has a code.",
};

// The stranger is somebody else's browser: without the cookies of this one.
async function asStranger(method, path, body, token) {
  const answer = await fetch(path, {
    method,
    credentials: "omit",
    headers: {
      "Content-Type": "application/json",
      "X-Auth-Delivery": "bearer",
      ...(token ? { Authorization: "Bearer " + token } : {}),
    },
    body: body && JSON.stringify(body),
  });
  const found = await answer.json();
  if (answer.ok) return found;
  throw new Refused(answer.status, found.error);
}

async function intrude() {
  const log = logIn(part);
  const { name, email } = await send("POST", "/dev/demo/owner");
  const password = "stranger-" + crypto.randomUUID();
  const { accessToken } = await asStranger("POST", "/auth/register", { name: "A stranger", email, password });
  log(`A stranger registers ${email} with a password of their own, and is signed in. The address is not verified.`);
  sessionStorage.setItem(KEPT, JSON.stringify({ email, password, accessToken }));
  $("owner").textContent = `Come as the owner, ${name}`;
  $("owner").hidden = false;
  focusOn($("owner"));
  return "The owner has heard of nothing. At Demo ID, choose " + name + ".";
}

async function refusal(work) {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof Refused) return error;
    throw error;
  }
}

// What the stranger still has, once the owner is there.
async function look() {
  const stranger = JSON.parse(sessionStorage.getItem(KEPT) || "null");
  if (!stranger || stranger.email !== account.email) return false;
  sessionStorage.removeItem(KEPT);
  const log = logIn(part);
  log(`A stranger had registered ${account.email}, and was signed in.`);
  log(`${account.name} comes with Demo ID, which has verified ${account.email}. The account is theirs now.`);
  const { email, password, accessToken } = stranger;
  const session = await refusal(() => asStranger("GET", "/auth/me", undefined, accessToken));
  const login = await refusal(() => asStranger("POST", "/auth/login", { email, password }));
  tell(log, "The stranger’s session", session);
  tell(log, "The stranger’s password", login);
  say(note, session && login ? "Nothing of the stranger is left." : "The stranger is still in the account.", session && login ? "ok" : "bad");
  return true;
}

function tell(log, what, refused) {
  log(refused ? `${what}: refused (${refused.status}), ${refused.code}.` : `${what}: still let in.`, refused ? "good" : "bad");
}

// Say how the browser came back from the provider, once, and make the address the page's own again.
export async function arrive() {
  const query = new URLSearchParams(location.search);
  if (location.search) history.replaceState(null, "", location.pathname);
  if (comeBack(query)) return;
  const error = query.get("error");
  if (error) {
    say($(account ? "account-note" : "sign-in-note"), REFUSALS[error] || sentence("Refused: " + error.replaceAll("_", " ")), "bad");
    focusOn($(account ? "account-title" : "sign-in-title"));
  } else if (query.has("second-step")) {
    askForSecondStep("", null);
  } else if (query.has("signed-in") && account) {
    say($("account-note"), "You are signed in with Demo ID.");
    focusOn((await look()) ? $("provider-title") : $("account-title"));
  }
}

$("intrude").onclick = ({ currentTarget }) => act(currentTarget, note, intrude);
