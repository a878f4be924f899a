// A stranger locks the account, and the owner gets in by mail.

import { Refused, duration, pause, send } from "./api.js";
import { askForToken, knownPassword } from "./account.js";
import { askForSecondStep } from "./challenge.js";
import { $, act, focusOn, logIn, noteOf, say } from "./dom.js";
import { field } from "./forms.js";
import { TOKEN } from "./mailbox.js";
import { account, look, signIn } from "./session.js";

const part = $("lockout");
const note = noteOf(part);
const ATTEMPTS = Number(document.body.dataset.attempts);
const MAIL_WAIT_MS = 8000;
let log = null;
let locked = false;

const address = () => (account ? account.email : $("demo").firstElementChild?.dataset.email);

async function attempt(email, password) {
  try {
    await send("POST", "/auth/login", { email, password });
    return null;
  } catch (error) {
    if (error instanceof Refused) return error;
    throw error;
  }
}

async function lock(email) {
  log = logIn(part);
  for (let number = 1; number <= ATTEMPTS; number += 1) {
    const refused = await attempt(email, `wrong password ${number}`);
    log(`Wrong password ${number} of ${ATTEMPTS} for ${email}: refused (${refused.status}).`);
  }
  const known = knownPassword(email);
  const last = await attempt(email, known || "wrong again");
  if (!last) {
    await look();
    return "The right password still signs in.";
  }
  locked = true;
  const seconds = last.details.retryAfterSeconds;
  log(`${known ? "The right password" : "Any password"}: refused (${last.status}), ${last.code}.`, "bad");
  say(note, `The account is locked${seconds ? ` for ${duration(seconds)}` : ""}. Its sessions go on; only sign-in is locked.`, "info");
}

async function mailedToken(email, since) {
  for (const end = Date.now() + MAIL_WAIT_MS; Date.now() < end; await pause(250)) {
    const mails = await send("GET", "/dev/mail");
    const mail = mails.find(({ kind, to }) => kind === TOKEN.kind && to === email);
    if (mail && Date.parse(mail.createdAt) >= since) return TOKEN.pattern.exec(mail.text)[0];
  }
  const message = "No mail came. One address gets one reset mail a minute, so that nobody's mailbox is flooded";
  throw new Refused(429, { code: "dev.no_mail", message });
}

async function unlock(email) {
  log ||= logIn(part);
  const [newest] = (await send("GET", "/dev/mail")).filter(({ kind, to }) => kind === TOKEN.kind && to === email);
  const since = newest ? Date.parse(newest.createdAt) + 1 : 0;
  await send("POST", "/auth/password/forgot-password", { email });
  const token = await mailedToken(email, since);
  log("A mail with a token that works once is in the mailbox.");
  const newPassword = knownPassword(email);
  if (!newPassword) {
    if (account) return "Sign out, and set a new password with the token from the mailbox.";
    askForToken(email);
    field("reset", "token").value = token;
    focusOn(field("reset", "newPassword"));
    return "Choose a new password in the form.";
  }
  await send("POST", "/auth/password/reset-password", { email, token, newPassword });
  log("The token sets the password. Every session of the account ends.");
  let secondStep = null;
  try {
    secondStep = await signIn(email, newPassword);
  } catch (error) {
    await look();
    log(`The new password: refused (${error.status}), ${error.code}.`, "bad");
    throw error;
  }
  log(locked ? "The new password signs in: the reset has lifted the lock." : "The new password signs in.", "good");
  locked = false;
  if (!secondStep) return "You are signed in again.";
  await look();
  askForSecondStep(email, secondStep);
  return "The second factor is still asked for: a mail does not replace it.";
}

const onPress = (id, work) => {
  $(id).onclick = ({ currentTarget }) =>
    act(currentTarget, note, () => {
      const email = address();
      return email ? work(email) : "Create an account first.";
    });
};
onPress("lock", lock);
onPress("unlock", unlock);
