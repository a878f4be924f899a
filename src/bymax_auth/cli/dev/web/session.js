// Who is signed in, in every tab of this browser: each tab asks the server itself.

import { call, send } from "./api.js";
import { $, actAfter, element, renderList } from "./dom.js";

const tab = { id: crypto.randomUUID(), opened: Date.now(), email: null };
const channel = new BroadcastChannel("bymax-auth-demo");
const others = new Map();
const listeners = [];
const main = document.querySelector("main");

export let account = null;
let refused = false; // the server refused this browser's tokens; asking again gets the same answer
let questions = 0; // how often this tab has asked, and
let newest = 0; // the latest of its questions that was answered
let telling = Promise.resolve(); // while the parts of the page are told of a change
let changes = 0; // that are not complete

const shown = (who) => who && JSON.stringify([who.id, who.email, who.name, who.role, who.emailVerified, who.mfaEnabled]);

export const onAccount = (listener) => listeners.push(listener);

// Ask the server who is signed in, and tell the other parts of the page and the other tabs.
export async function look() {
  // Without the signal cookie there is no session, and no request is needed.
  const signedIn = !refused && document.cookie.includes("has_session=");
  const question = ++questions;
  const found = signedIn ? await call("GET", "/auth/me").catch(nobodyOrThrow) : null;
  // An answer that arrives after that of a later question is older than signing in or out.
  if (question < newest) return;
  newest = question;
  if (signedIn) refused = found === null;
  // Another call may have found the same meanwhile, and told it.
  const before = account;
  account = found;
  tab.email = account && account.email;
  if (shown(before) !== shown(account)) {
    announce("look");
    const told = duringChange(() => telling.then(() => tell(found, before)));
    telling = told.catch(() => {});
    actAfter(telling);
    await told;
  }
  // Another call may have found the change, and still be telling it.
  await telling;
  showTabs();
}

// While parts of the page come and go, a press may miss the button that it was meant for.
export async function duringChange(work) {
  changes += 1;
  main.ariaBusy = "true";
  try {
    return await work();
  } finally {
    changes -= 1;
    main.ariaBusy = String(changes > 0);
  }
}

async function tell(now, before) {
  for (const listener of listeners) await listener(now, before);
}

function nobodyOrThrow(error) {
  if (error.status !== 401) throw error;
  return null;
}

// As `look`, after something that may have begun a new login.
export function lookAgain() {
  refused = false;
  return look();
}

// Returns the token for the second step where the account has a second factor, and nobody is signed in yet.
export async function signIn(email, password) {
  const answer = await send("POST", "/auth/login", { email, password });
  if (answer.mfaRequired) return answer.mfaTempToken;
  await lookAgain();
  return null;
}

function announce(kind) {
  channel.postMessage({ kind, ...tab });
}

function showTabs() {
  const known = [tab, ...others.values()].sort((one, other) => one.opened - other.opened);
  const shown = known.map((each, at) => ({
    name: `Tab ${at + 1}${each === tab ? " (this one)" : ""}`,
    state: each.email ? `Signed in as ${each.email}` : "Signed out",
    on: each.email !== null,
  }));
  renderList($("tabs"), shown, JSON.stringify, ({ name, state, on }) => {
    const item = element("li", "", on ? "on" : "off");
    item.append(element("strong", name), element("span", ` ${state}`));
    return item;
  });
}

channel.onmessage = ({ data: { kind, id, opened, email } }) => {
  if (kind === "closed") others.delete(id);
  else others.set(id, { id, opened, email });
  if (kind === "opened") announce("here");
  if (kind === "look") lookAgain().catch(() => {});
  showTabs();
};
addEventListener("pagehide", () => announce("closed"));
addEventListener("pageshow", () => announce("opened"));
document.addEventListener("visibilitychange", () => document.hidden || lookAgain().catch(() => {}));
