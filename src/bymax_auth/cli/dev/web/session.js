// Who is signed in, in every tab of this browser: each tab asks the server itself.

import { call, send } from "./api.js";
import { $, element, renderList } from "./dom.js";

const tab = { id: crypto.randomUUID(), opened: Date.now(), email: null };
const channel = new BroadcastChannel("bymax-auth-demo");
const others = new Map();
const listeners = [];

export let account = null;
let refused = false; // the server refused this browser's tokens; asking again gets the same answer
let asked = 0; // how many looks have begun
let told = 0; // the latest of them whose answer is shown

const shown = (who) => who && JSON.stringify([who.id, who.email, who.name, who.role, who.emailVerified]);

export const onAccount = (listener) => listeners.push(listener);

// Ask the server who is signed in, and tell the other parts of the page and the other tabs.
export async function look() {
  // Without the signal cookie there is no session, and no request is needed.
  const signedIn = !refused && document.cookie.includes("has_session=");
  const number = ++asked;
  const found = signedIn ? await call("GET", "/auth/me").catch(nobodyOrThrow) : null;
  // Asked for before a sign-out or a sign-in that is shown, the answer is about an earlier login.
  if (number < told) return;
  told = number;
  refused ||= signedIn && found === null;
  // Another call may have found the same meanwhile, and told it.
  const before = account;
  account = found;
  tab.email = account && account.email;
  if (shown(before) !== shown(account)) {
    announce("look");
    for (const listener of listeners) await listener(account, before);
  }
  showTabs();
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

export async function signIn(email, password) {
  await send("POST", "/auth/login", { email, password });
  await lookAgain();
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
