// The refresh tokens of this login, and a thief who replays a used one.

import { pause, send } from "./api.js";
import { askToSignIn } from "./account.js";
import { $, act, element, logIn, noteOf, renderList, say } from "./dom.js";
import { account, look, onAccount } from "./session.js";

const part = $("theft");
const note = noteOf(part);
const STATES = { used: "Used", current: "Current", ended: "Ended" };
const MARGIN_MS = 200;

export async function showChain() {
  const tokens = await send("GET", "/dev/demo/login");
  const shown = tokens.slice(-6).map(({ fingerprint, exchanged }) => ({ fingerprint, state: stateOf(exchanged) }));
  renderList($("chain"), shown, JSON.stringify, ({ fingerprint, state }) => {
    const item = element("li", "", state);
    item.append(element("code", fingerprint), element("span", STATES[state]));
    return item;
  }, "None yet. Sign in to get the first.");
  return tokens;
}

function stateOf(exchanged) {
  if (exchanged) return "used";
  return account ? "current" : "ended";
}

async function rotate() {
  await navigator.locks.request("refresh", () => send("POST", "/auth/refresh"));
  return showChain();
}

async function replay(log) {
  let tokens = await showChain();
  if (!tokens.some((token) => token.exchanged)) {
    log(`A thief copies ${tokens.at(-1).fingerprint} from this browser.`);
    tokens = await rotate();
    log(`You go on working: the browser exchanges it for ${tokens.at(-1).fingerprint}.`);
  }
  const stolen = tokens.filter((token) => token.exchanged).at(-1);
  if (stolen.graceLeftMs > 0) {
    log("The thief waits until it is too late for a tab that refreshed at the same moment.");
    await pause(stolen.graceLeftMs + MARGIN_MS);
  }
  const outcome = await send("POST", "/dev/demo/replay");
  if (outcome.accepted) {
    log(`The thief presents ${outcome.fingerprint} in time, and gets ${outcome.successor}.`, "bad");
    await showChain();
    return "The token was used a moment ago, so the server took it for a tab of yours. Replay it again.";
  }
  log(`The thief presents ${outcome.fingerprint}: refused, ${outcome.code}.`, "good");
  await look();
  await showChain();
  if (account) return "The token was refused.";
  log("Every token of this login is refused now, the thief's and yours: every tab is signed out.", "good");
  return "The stolen token gave the theft away. Sign in again; the thief cannot.";
}

$("rotate").onclick = ({ currentTarget }) =>
  act(currentTarget, note, async () => {
    if (!account) return void askToSignIn(note);
    const tokens = await rotate();
    return `The browser has ${tokens.at(-1).fingerprint} now; the token before is used.`;
  });
$("replay").onclick = ({ currentTarget }) =>
  act(currentTarget, note, () => (account ? replay(logIn(part)) : void askToSignIn(note)));

onAccount(async (now) => {
  if (now) {
    logIn(part);
    say(note, "");
  }
  await showChain();
});
