// A WebSocket that the server closes when the login ends that opened it.

import { call, explained } from "./api.js";
import { askToSignIn } from "./account.js";
import { $, act, logIn, noteOf, say } from "./dom.js";
import { account, lookAgain, onAccount } from "./session.js";

const part = $("live");
const note = noteOf(part);
const STATES = { open: "Open", closed: "Closed", ended: "Signed out" };
let socket = null;
let owner = null; // the account that the socket was opened by
let log = () => {};

const now = () => new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });

function show(state) {
  $("socket").textContent = STATES[state];
  $("socket").className = `mark ${state}`;
  $("close").hidden = state !== "open";
}

async function open() {
  const { ticket } = await call("POST", "/auth/ws-ticket");
  const opening = new WebSocket(`ws://${location.host}/dev/demo/live?ticket=${ticket}`);
  await new Promise((done) => (opening.onopen = opening.onerror = done));
  if (opening.readyState !== WebSocket.OPEN) return "The server refused the socket.";
  socket = opening;
  owner = account && account.id;
  socket.onclose = closed;
  show("open");
  log(`${now()}: the ticket has opened the socket, as ${account ? account.email : "you"}.`);
  return "";
}

async function closed({ target, code, reason }) {
  if (target !== socket) return;
  socket = null;
  show("closed");
  log(`${now()}: the server has closed the socket, ${reason || code}.`, "bad");
  try {
    await lookAgain();
    if (!account || account.id !== owner) {
      show("ended");
      say(note, "Signed out. The server said so at once; this page did not ask.", "bad");
      return;
    }
    const why = reason === "expired" ? "The access token has expired" : "Only another session of the account has ended";
    log(`${why}: this login opens the next socket with a fresh ticket.`);
    say(note, await open());
  } catch (error) {
    say(note, explained(error), "bad");
  }
}

$("open").onclick = ({ currentTarget }) =>
  act(currentTarget, note, async () => {
    if (!account) return void askToSignIn(note);
    if (socket) return "The socket is open. Sign out, here or in another tab, and watch it.";
    log = logIn(part);
    return open();
  });
onAccount((now) => {
  if (!now || socket) return;
  show("closed");
  say(note, "");
});
$("close").onclick = () => {
  const closing = socket;
  socket = null;
  closing.close();
  show("closed");
  log(`${now()}: you have closed the socket.`);
};
