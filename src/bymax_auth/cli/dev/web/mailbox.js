// The captured mail, newest first, with what can be done with a credential in it.

import { useCredential } from "./account.js";
import { $, button, element, renderList } from "./dom.js";

export const CODE = { kind: "email_verification_otp", pattern: /\b[0-9]{6}\b/, form: "verify", name: "otp", label: "Use this code" };
export const TOKEN = { kind: "password_reset_token", pattern: /\b[0-9a-f]{64}\b/, form: "reset", name: "token", next: "newPassword", label: "Use this token" };
const INVITATION = { kind: "invitation", pattern: TOKEN.pattern, form: "accept", name: "token", next: "name", opens: "accept", label: "Use this invitation" };
const ADDRESS = { kind: "email_change_verification", pattern: TOKEN.pattern, form: "confirm-address", name: "token", opens: "new-address", label: "Use this new address" };

let shown = "";

export async function showMail() {
  const text = await (await fetch("/dev/mail")).text();
  if (text === shown) return;
  shown = text;
  const known = new Set([...$("mail").children].map((item) => item.dataset.key));
  renderList($("mail"), JSON.parse(text), JSON.stringify, mailItem, "No mail yet.");
  // A registration sends two mails at once; the one with the code is opened. What a person opened or
  // closed stays as it is.
  for (const item of [...$("mail").children].slice(0, 2)) {
    if (!known.has(item.dataset.key) && item.querySelector("button")) item.open = true;
  }
}

function mailItem(mail) {
  const item = element("details", "");
  const summary = element("summary", mail.subject);
  const moment = new Date(mail.createdAt).toLocaleTimeString();
  summary.append(document.createElement("br"), element("span", `to ${mail.to}, ${moment}`));
  const body = element("pre", mail.text);
  item.append(summary, body);
  const wanted = [CODE, TOKEN, INVITATION, ADDRESS].find(({ kind }) => kind === mail.kind);
  const found = wanted && wanted.pattern.exec(mail.text);
  if (found) {
    const end = found.index + found[0].length;
    body.replaceChildren(mail.text.slice(0, found.index), element("mark", found[0]), mail.text.slice(end));
    const use = button(wanted.label, `${wanted.label}: ${found[0].slice(0, 8)}, for ${mail.to}`, "plain small");
    use.onclick = () => useCredential(wanted, mail.to, found[0]);
    item.append(use);
  }
  return item;
}
