// The journey of a person in a browser: `node journey.mjs PACKAGE SERVER`, from a folder that has the package.
// It prints what happened as JSON.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

const [name, server] = process.argv.slice(2);
const { createAuthClient, createAuthFetch } = await import(`${name}/client`);
const { AuthClientError } = await import(`${name}/shared`);

// A browser keeps cookies and says where it comes from; Node does neither.
const cookies = new Map();
const calls = [];
const platformFetch = globalThis.fetch;
globalThis.fetch = async (input, init = {}) => {
  const { pathname } = new URL(input);
  const sent = [...cookies].filter(([, { path }]) => pathname.startsWith(path));
  const headers = new Headers(init.headers);
  headers.set("origin", server);
  headers.set("cookie", sent.map(([cookie, { value }]) => `${cookie}=${value}`).join("; "));
  const response = await platformFetch(input, { ...init, headers });
  calls.push(pathname);
  for (const line of response.headers.getSetCookie()) keep(line);
  return response;
};

function keep(line) {
  const [, cookie, value] = /^([^=]+)=([^;]*)/.exec(line);
  const [, path] = /; Path=([^;]*)/.exec(line);
  if (/; Max-Age=0/.test(line)) cookies.delete(cookie);
  else cookies.set(cookie, { value, path });
}

async function post(path, json) {
  const response = await fetch(server + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(json),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.status === 204 ? null : response.json();
}

async function mailed(kind) {
  for (;;) {
    const mails = await (await platformFetch(`${server}/dev/mail`)).json();
    const found = mails.find((mail) => mail.kind === kind && mail.to === email);
    if (found !== undefined) return found.text;
    await sleep(50);
  }
}

const email = `journey-${randomUUID()}@example.com`;
const password = "a long enough passphrase";
const refreshEndpoint = `${server}/auth/refresh`;
const told = [];
const config = {
  baseUrl: server,
  refreshEndpoint,
  onSessionExpired: () => told.push("expired"),
  onRefreshFailed: ({ reason }) => told.push(reason),
};
const client = createAuthClient(config);
const report = {};

const registered = await client.register({ email, password, name: "Ada" });
report.registered = [registered.user.email === email, registered.accessToken ?? null];
const [otp] = /\b\d{6}\b/.exec(await mailed("email_verification_otp"));
await post("/auth/verify-email", { email, otp });
await client.logout();

const signedIn = await client.login({ email, password });
report.signedIn = [signedIn.user.email === email, signedIn.user.emailVerified];
report.me = (await client.getMe()).email === email;

// When an access token expires, the browser drops its cookie.
cookies.delete("access_token");
calls.length = 0;
const authFetch = createAuthFetch(config);
const answers = await Promise.all(Array.from({ length: 20 }, () => authFetch(`${server}/auth/me`)));
report.parallel = [...new Set(answers.map(({ status }) => status))];
report.refreshes = calls.filter((path) => path === "/auth/refresh").length;

const { secret } = await post("/auth/mfa/setup", { password });
const code = async () => (await post("/dev/demo/code", { secret })).code;
await post("/auth/mfa/verify-enable", { code: await code() });
const challenge = await client.login({ email, password });
report.challenged = challenge.mfaRequired;
report.wrongCode = await refused(client.mfaChallenge(challenge.mfaTempToken, "no code"));
const proven = await client.mfaChallenge(challenge.mfaTempToken, await code());
report.proven = [proven.user.mfaEnabled, (await client.getMe()).email === email];

await client.logout();
report.signedOut = await refused(client.getMe());
report.told = told;

await client.forgotPassword(email);
const mail = await mailed("password_reset_token");
const [token] = /\b[0-9a-f]{64}\b/.exec(mail);
await client.resetPassword({ email, newPassword: `${password} 2`, token });
report.oldPassword = await refused(client.login({ email, password }));
report.newPassword = (await client.login({ email, password: `${password} 2` })).mfaRequired;

console.log(JSON.stringify(report));

async function refused(call) {
  const error = await call.catch((thrown) => thrown);
  return [error instanceof AuthClientError, error.status, error.code];
}
