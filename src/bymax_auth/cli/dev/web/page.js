"use strict";

const $ = (id) => document.getElementById(id);
const field = (form, name) => $(form).elements[name];

// The credential in a mail, and the form field for it.
const CREDENTIALS = {
  email_verification_otp: { pattern: /\b[0-9]{6}\b/, form: "verify", name: "otp", label: "Use this code" },
  password_reset_token: { pattern: /\b[0-9a-f]{64}\b/, form: "reset", name: "token", label: "Use this token" },
};

let account = null;
let shownMail = "";
let hiding = 0;
let queue = Promise.resolve();

// ── requests ─────────────────────────────────────────────────────────────────────────────────────────

async function call(method, path, body, mayRefresh = true) {
  const answer = await fetch("/auth" + path, {
    method,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  if (answer.ok) return text ? JSON.parse(text) : null;
  const error = failure(answer, text);
  if (error.code === "auth.token_invalid" && mayRefresh) {
    await call("POST", "/refresh", undefined, false);
    return call(method, path, body, false);
  }
  throw error;
}

function failure(answer, text) {
  try {
    return JSON.parse(text).error;
  } catch {
    return { code: "http." + answer.status, message: "The server answered " + answer.status + "." };
  }
}

function explained(error) {
  if (!error.code) return "The server is not reachable. Is it still running?";
  const details = error.details || {};
  if (Array.isArray(details)) return details.map(fault).join("; ");
  return error.message + (details.retryAfterSeconds ? ` Wait ${details.retryAfterSeconds} seconds.` : "");
}

function fault({ field, message }) {
  return message.startsWith(field) ? message : `${field} ${message}`;
}

// ── rendering ────────────────────────────────────────────────────────────────────────────────────────

function showMessage(text, good) {
  clearTimeout(hiding);
  $("message").textContent = text;
  $("message").className = good ? "ok" : "bad";
  if (good) hiding = setTimeout(() => $("message").replaceChildren(), 10_000);
}

function element(tag, text, className) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function showAccount() {
  const signedIn = account !== null;
  $("sign-in").hidden = $("registration").hidden = signedIn;
  $("account").hidden = $("sessions").hidden = !signedIn;
  if (!signedIn) return;
  $("verification").hidden = account.emailVerified;
  field("verify", "email").value = account.email;
  $("name").textContent = account.name;
  $("role").textContent = account.role;
  $("address").textContent = $("own-address").value = account.email;
  $("tenant").textContent = account.tenantId;
  $("state").textContent = account.emailVerified ? "· address verified" : "· address not verified yet";
}

async function showSessions() {
  const sessions = await call("GET", "/sessions");
  $("session-list").replaceChildren(...sessions.map(sessionItem));
  $("others").hidden = sessions.length < 2;
}

function sessionItem(session) {
  const about = element("div", "");
  about.append(
    element("strong", session.device),
    element("div", `${session.ip}, since ${new Date(session.createdAt).toLocaleString()}`, "dim"),
  );
  const item = element("li", "");
  item.append(about);
  if (session.isCurrent) {
    item.append(element("span", "this one", "mark"));
  } else {
    const end = element("button", "End", "plain small");
    end.type = "button";
    end.onclick = () => act(() => call("DELETE", "/sessions/" + session.sessionHash), "The session has ended.", end);
    item.append(end);
  }
  return item;
}

async function showMail() {
  const text = await (await fetch("/dev/mail")).text();
  if (text === shownMail) return;
  shownMail = text;
  const mails = JSON.parse(text);
  // A registration sends two mails at once; the one with the code is opened.
  const open = Math.max(0, mails.slice(0, 2).findIndex((mail) => mail.kind in CREDENTIALS));
  if (mails.length) $("mail").replaceChildren(...mails.map((mail, position) => mailItem(mail, position === open)));
}

function mailItem(mail, open) {
  const item = element("details", "");
  item.open = open;
  const summary = element("summary", mail.subject);
  summary.append(document.createElement("br"), element("span", `to ${mail.to}, ${new Date(mail.createdAt).toLocaleTimeString()}`));
  const body = element("pre", mail.text);
  item.append(summary, body);
  const wanted = CREDENTIALS[mail.kind];
  const found = wanted && wanted.pattern.exec(mail.text);
  if (found) {
    const end = found.index + found[0].length;
    body.replaceChildren(mail.text.slice(0, found.index), element("mark", found[0]), mail.text.slice(end));
    const use = element("button", wanted.label, "plain small");
    use.type = "button";
    use.onclick = () => fill(wanted, mail.to, found[0]);
    item.append(use);
  }
  return item;
}

function fill(wanted, address, value) {
  if (wanted.form === "verify") $("verification").hidden = false;
  if (wanted.form === "reset") askForToken();
  field(wanted.form, "email").value = address;
  const target = field(wanted.form, wanted.name);
  target.value = value;
  target.scrollIntoView({ block: "center" });
  target.focus({ preventScroll: true });
}

async function showAll() {
  account = null;
  // Without the signal cookie there is no session, and no request is needed.
  if (document.cookie.includes("has_session=")) account = await call("GET", "/me").catch(() => null);
  showAccount();
  if (account) await showSessions();
  await showMail();
}

// ── actions ─────────────────────────────────────────────────────────────────────────────────────────

// Actions run in sequence, so that an earlier result never replaces a later one.
function act(work, done, button) {
  button.disabled = true;
  queue = queue.then(() => perform(work, done)).finally(() => (button.disabled = false));
}

async function perform(work, done) {
  let outcome = [done, true];
  try {
    await work();
  } catch (error) {
    outcome = [explained(error), false];
    if (error.code === "auth.email_not_verified") askForCode(field("login", "email").value);
  }
  await showAll().catch((error) => (outcome = [explained(error), false]));
  showMessage(...outcome);
}

function askForCode(address) {
  $("verification").hidden = false;
  field("verify", "email").value = address;
}

function askForToken() {
  $("forgotten").open = true;
  $("reset").hidden = false;
}

function onSubmit(id, done, work) {
  $(id).addEventListener("submit", (event) => {
    event.preventDefault();
    const form = event.target;
    const values = Object.fromEntries(new FormData(form));
    const send = async () => {
      await work(values);
      form.reset();
    };
    act(send, done, event.submitter || form.querySelector("button"));
  });
}

onSubmit("login", "You are signed in.", (values) => call("POST", "/login", values, false));
onSubmit("register", "Your account exists. The code to verify your address is in the mailbox.", (values) => call("POST", "/register", values, false));
onSubmit("verify", "Your address is verified.", async (values) => {
  await call("POST", "/verify-email", values, false);
  $("verification").hidden = true;
  field("login", "email").value = values.email;
});
onSubmit("forgot", "If there is such an account, a mail with a token is in the mailbox.", async (values) => {
  await call("POST", "/password/forgot-password", values, false);
  askForToken();
  field("reset", "email").value = values.email;
});
onSubmit("reset", "The new password is set. Sign in with it.", async (values) => {
  await call("POST", "/password/reset-password", values, false);
  $("forgotten").open = false;
  $("reset").hidden = true;
  field("login", "email").value = values.email;
});
onSubmit("change", "Your password is changed. Your other sessions have ended.", (values) => call("POST", "/password/change", values));

$("logout").onclick = (event) => act(() => call("POST", "/logout", undefined, false), "You are signed out.", event.target);
$("others").onclick = (event) => act(() => call("POST", "/sessions/revoke-all"), "Every other session has ended.", event.target);
$("resend").onclick = (event) => {
  const address = { email: field("verify", "email").value };
  act(() => call("POST", "/resend-verification", address, false), "If the address is not verified yet, a new code is in the mailbox.", event.target);
};
$("message").onclick = () => $("message").replaceChildren();
$("demo").onclick = ({ target }) => {
  if (!target.dataset.email) return;
  field("login", "email").value = target.dataset.email;
  field("login", "password").value = target.dataset.password;
};

// Mail is sent after the response, and other clients cause mail too.
setInterval(() => document.hidden || showMail().catch(() => {}), 1000);
queue = showAll().catch((error) => showMessage(explained(error), false));
