// An administrator of the platform: another realm, whose tokens open nothing of a tenant.

import { Refused, send } from "./api.js";
import { $, act, focusOn, logIn, noteOf, say } from "./dom.js";
import { onSubmit } from "./forms.js";
import { account } from "./session.js";

const part = $("platform");
const note = noteOf(part);
const OF_A_TENANT = ["/auth/me", "/auth/sessions", "/dev/demo/admin"];
let session = null; // in the memory of this page only

function show(signedIn) {
  session = signedIn;
  $("root").hidden = session !== null;
  $("console").hidden = session === null;
  if (session) $("admin-name").textContent = `${session.admin.name}, ${session.admin.email}`;
  if (session) $("admin-role").textContent = session.admin.role;
}

async function refusal(path, bearer) {
  try {
    await send("GET", path, undefined, bearer);
    return null;
  } catch (error) {
    if (error instanceof Refused) return error;
    throw error;
  }
}

async function openOwnRoute() {
  try {
    return await send("GET", "/auth/platform/me", undefined, session.accessToken);
  } catch (error) {
    if (error.status !== 401) throw error;
  }
  session = await send("POST", "/auth/platform/refresh", { refreshToken: session.refreshToken });
  return send("GET", "/auth/platform/me", undefined, session.accessToken);
}

function tell(log, about, refused) {
  if (refused) log(`${about}: refused (${refused.status}), ${refused.code}.`, "good");
  else log(`${about}: let in.`, "bad");
}

onSubmit("root", async (values) => {
  const answer = await send("POST", "/auth/platform/login", values);
  if (answer.mfaRequired) return "This administrator has a second factor: see /docs for its second step.";
  logIn(part);
  show(answer);
  focusOn($("platform-title"));
  return "You are signed in to the platform. No cookie was set: a reload forgets it.";
});

$("realms").onclick = ({ currentTarget }) =>
  act(currentTarget, note, async () => {
    const log = logIn(part);
    const admin = await openOwnRoute();
    log(`The administrator's token at /auth/platform/me: let in, as ${admin.email}.`);
    for (const path of OF_A_TENANT) tell(log, `The same token at ${path}`, await refusal(path, session.accessToken));
    if (account) tell(log, `The cookie of ${account.email} at /auth/platform/me`, await refusal("/auth/platform/me"));
    return account ? "" : "Sign in as a MEMBER too, to try the other direction.";
  });
$("leave-platform").onclick = ({ currentTarget }) =>
  act(currentTarget, note, async () => {
    await send("POST", "/auth/platform/logout", { refreshToken: session.refreshToken }, session.accessToken);
    logIn(part);
    show(null);
    focusOn($("platform-title"));
    return "You are signed out of the platform.";
  });
