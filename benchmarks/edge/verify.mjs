// Measures one token in turns: the verifier of the npm package, from its source, and jose. Prints JSON: of each
// contestant the nanoseconds of processor and of clock per token, a pair for each sample.
import { registerHooks } from "node:module";
import { jwtVerify } from "jose";

const sources = new URL("../../packages/python-auth/src/", import.meta.url);
registerHooks({
  resolve: (name, context, next) =>
    next(name === "#wasm" ? new URL("wasm/inline.ts", sources).href : name, context),
});
const { verifyJwtToken } = await import(new URL("edge/index.ts", sources).href);

const { token, secret, now, samples, sampleSeconds } = JSON.parse(process.argv[2]);
const bytes = new TextEncoder().encode(secret);
const hmac = { name: "HMAC", hash: "SHA-256" };
const key = await crypto.subtle.importKey("raw", bytes, hmac, false, ["verify"]);
const rules = { algorithms: ["HS256"], currentDate: new Date(now * 1000) };

const contestants = {
  "bymax-auth": async () => {
    const { isValid, signatureVerified } = await verifyJwtToken(token, secret, null, "dashboard", { now });
    if (!isValid || !signatureVerified) throw new Error("refused");
  },
  "jose, key imported before": () => jwtVerify(token, key, rules),
  "jose, secret as bytes": () => jwtVerify(token, bytes, rules),
};

async function timed(call, count) {
  const [processor, clock] = [process.cpuUsage(), process.hrtime.bigint()];
  for (let done = 0; done < count; done += 1) await call();
  const wall = Number(process.hrtime.bigint() - clock);
  const { user, system } = process.cpuUsage(processor);
  return [((user + system) * 1000) / count, wall / count];
}

const counts = {};
for (const [name, call] of Object.entries(contestants)) {
  await timed(call, 3000);
  const [, wall] = await timed(call, 1000);
  counts[name] = Math.ceil((sampleSeconds * 1e9) / wall);
}
const found = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]));
for (let round = 0; round < samples; round += 1) {
  for (const [name, call] of Object.entries(contestants)) found[name].push(await timed(call, counts[name]));
}
process.stdout.write(JSON.stringify(found));
