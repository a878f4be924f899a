// The sessions of the account, and how soon another process refuses an ended one.

import { Refused, call } from "./api.js";
import { askToSignIn, knownPassword } from "./account.js";
import { $, act, button, element, focusOn, noteOf, renderList, say } from "./dom.js";
import { field, mark, onSubmit } from "./forms.js";
import { account, onAccount } from "./session.js";

const part = $("sessions");
const note = noteOf(part);
let processes = null;
let phones = new Set();

export async function showSessions() {
  const owner = account;
  const sessions = owner ? await call("GET", "/auth/sessions") : [];
  const known = owner ? await call("GET", "/dev/demo/phones") : [];
  // Somebody else may be signed in by now, or nobody.
  if (account?.id !== owner?.id) return;
  phones = new Set(known.map((phone) => phone.sessionHash));
  const shown = sessions.map((session) => ({ ...session, phone: phones.has(session.sessionHash) }));
  const key = ({ sessionHash, isCurrent, phone }) => `${sessionHash} ${isCurrent} ${phone}`;
  renderList($("session-list"), shown, key, sessionItem, account ? "No session." : "Sign in to see your sessions.");
}

function sessionItem(session) {
  const since = new Date(session.createdAt).toLocaleString();
  const about = element("div", "");
  about.append(element("strong", session.device), element("div", `${session.ip}, since ${since}`, "dim"));
  const item = element("li", "");
  item.append(about);
  if (session.phone) item.append(element("span", "In the second process", "mark"));
  if (session.isCurrent) {
    item.append(element("span", "This one", "mark"));
    return item;
  }
  const end = button("End", `End ${session.device}, ${session.ip}, since ${since}, ${session.sessionHash.slice(0, 6)}`, "plain small");
  end.onclick = () =>
    act(end, note, async () => {
      const done = await (session.phone ? endTimed(session.sessionHash) : endPlain(session.sessionHash));
      await showSessions();
      focusOn($("sessions-title"));
      return done;
    });
  item.append(end);
  return item;
}

async function endPlain(hash) {
  await call("DELETE", "/auth/sessions/" + hash);
  return "The session has ended.";
}

async function endTimed(hash) {
  const { sessionHash } = await call("POST", `/dev/demo/phones/${hash}/watch`);
  await call("DELETE", "/auth/sessions/" + sessionHash);
  const { checks, refusedMs, answeredMs } = await call("GET", `/dev/demo/phones/${sessionHash}/refused`);
  if (refusedMs === null) throw new Refused(503, { code: "dev.not_refused", message: "The other process did not notice" });
  const ahead = answeredMs - refusedMs;
  $("milliseconds").textContent = `${Math.abs(ahead).toFixed(1)} ms`;
  $("compared").textContent = `${ahead > 0 ? "before" : "after"} your request was answered, the other process refused the phone`;
  $("figure").hidden = false;
  return `The session has ended. Process ${processes.second} let the phone in ${checks - 1} times, and refused it ${refusedMs} ms after your request came to process ${processes.server}.`;
}

onSubmit("phone", async ({ password }) => {
  if (!account) return void askToSignIn(note);
  const asking = !$("phone-field").hidden;
  try {
    await call("POST", "/dev/demo/phones", { password: asking ? password : knownPassword(account.email) });
  } catch (error) {
    if (asking || error.code !== "auth.invalid_credentials") throw error;
    return void askForPassword();
  }
  await showSessions();
  return "A phone has signed in. End its session, and watch the clock.";
});

function askForPassword() {
  $("phone-field").hidden = false;
  field("phone", "password").required = true;
  mark(field("phone", "password"), "The password of this account is not the public one any more.");
  focusOn(field("phone", "password"));
}

$("others").onclick = ({ currentTarget }) =>
  act(currentTarget, note, async () => {
    if (!account) return void askToSignIn(note);
    await call("POST", "/auth/sessions/revoke-all");
    await showSessions();
    return "Every other session has ended.";
  });

onAccount(async (now) => {
  $("figure").hidden = true;
  say(note, "");
  field("phone", "password").required = now !== null && knownPassword(now.email) === null;
  $("phone-field").hidden = !field("phone", "password").required;
  await showSessions();
});

export async function showProcesses() {
  processes = await call("GET", "/dev/demo/processes");
  $("second").textContent = `, number ${processes.second},`;
}
