// Forms whose errors stand beside their fields.

import { Refused, explained, sentence } from "./api.js";
import { $, act, focusOn, noteOf, say } from "./dom.js";

// The field that a refusal is about, where the server names none.
const FIELDS = {
  "auth.invalid_credentials": ["currentPassword", "password"],
  "auth.account_locked": ["password"],
  "auth.email_not_verified": ["email"],
  "auth.email_already_exists": ["email", "newEmail"],
  "auth.password_compromised": ["newPassword", "password"],
  "auth.otp_invalid": ["otp"],
  "auth.password_reset_token_invalid": ["token"],
  "auth.mfa_invalid_code": ["code"],
  "auth.invalid_invitation_token": ["token"],
  "auth.email_change_token_invalid": ["token"],
};

export const field = (id, name) => $(id).elements[name];

export function onSubmit(id, work) {
  const form = $(id);
  form.addEventListener("input", ({ target }) => target.hasAttribute("aria-invalid") && clear(target));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const note = noteOf(form) || noteOf(form.closest("section"));
    say(note, "");
    if (!judge(form)) return;
    const values = Object.fromEntries(new FormData(form));
    const pressed = event.submitter || form.querySelector("button");
    act(pressed, note, async () => {
      try {
        const done = await work(values, pressed);
        form.reset();
        return done;
      } catch (error) {
        if (!show(form, error)) throw error;
      }
    });
  });
}

// Say what is missing at each field, and go to the first.
function judge(form) {
  const inputs = [...form.elements].filter((input) => input.name && !input.closest("[hidden]"));
  inputs.forEach(clear);
  const wrong = inputs.filter((input) => {
    const fault = faultOf(input);
    if (fault) mark(input, fault);
    return fault;
  });
  if (wrong.length) focusOn(wrong[0]);
  return wrong.length === 0;
}

function faultOf(input) {
  const name = labelOf(input);
  if (!input.value.trim()) return input.required ? `${name} is missing.` : "";
  if (input.validity.typeMismatch) return `${name} needs the form name@example.com.`;
  // The server counts characters as well, not UTF-16 units.
  const length = [...input.value.normalize("NFC")].length;
  const exact = input.minLength === input.maxLength;
  if (input.minLength > length) return `${name} needs ${exact ? "" : "at least "}${input.minLength} characters; these are ${length}.`;
  return "";
}

// Show a refusal at the fields that it is about; false when it is about none of them.
function show(form, error) {
  if (!(error instanceof Refused)) return false;
  const faults = Array.isArray(error.details)
    ? error.details.map(({ field: name, message }) => [form.elements[name], message.replace(name, "").trim()])
    : [[(FIELDS[error.code] || []).map((name) => form.elements[name]).find(Boolean), ""]];
  const known = faults.filter(([input]) => input);
  for (const [input, message] of known) mark(input, message ? sentence(`${labelOf(input)} ${message}`) : explained(error));
  if (known.length) focusOn(known[0][0]);
  return known.length > 0;
}

function labelOf(input) {
  return input.labels[0].textContent;
}

export function mark(input, text) {
  clear(input);
  const message = document.createElement("p");
  message.id = input.id + "-error";
  message.className = "error";
  message.textContent = text;
  input.after(message);
  input.setAttribute("aria-invalid", "true");
  input.dataset.hint = input.getAttribute("aria-describedby") || "";
  input.setAttribute("aria-describedby", `${message.id} ${input.dataset.hint}`.trim());
}

export function clear(input) {
  if (!input.hasAttribute("aria-invalid")) return;
  $(input.id + "-error").remove();
  input.removeAttribute("aria-invalid");
  if (input.dataset.hint) input.setAttribute("aria-describedby", input.dataset.hint);
  else input.removeAttribute("aria-describedby");
}
