// The demo page: its parts, and what keeps them current.

import { explained } from "./api.js";
import "./account.js";
import { $, say } from "./dom.js";
import "./address.js";
import "./factor.js";
import "./invitations.js";
import "./live.js";
import "./lockout.js";
import { showMail } from "./mailbox.js";
import "./platform.js";
import { arrive } from "./provider.js";
import "./roles.js";
import { duringChange, look } from "./session.js";
import { showProcesses, showSessions } from "./sessions.js";
import { showChain } from "./theft.js";

const EVERY_MS = 1000;
let looking = false;

// Mail is sent after the response, and other tabs, devices and processes change sessions too.
async function stayCurrent() {
  if (document.hidden || looking) return;
  looking = true;
  try {
    await Promise.all([look().then(showSessions).then(showChain), showMail()]);
  } catch {
    // The next press of a button says that the server is gone.
  } finally {
    looking = false;
  }
}

try {
  await duringChange(async () => {
    await look();
    await Promise.all([showMail(), showProcesses()]);
    // Last, because it scrolls: what is shown later above its place would move it.
    await arrive();
  });
} catch (error) {
  say($("sign-in-note"), explained(error), "bad");
}
setInterval(stayCurrent, EVERY_MS);
