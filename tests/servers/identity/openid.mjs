// The certified OpenID provider of npm: real pages for login and consent, and keys that POST /_rotate replaces.
import { createServer } from "node:http";
import { randomUUID } from "node:crypto";

import { exportJWK, generateKeyPair } from "jose";
import Provider from "oidc-provider";

const ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"];
const { redirectUri, secret } = JSON.parse(process.argv[2]);

async function keys() {
  const pairs = await Promise.all(
    ["RS256", "ES256", "EdDSA"].map((alg) => generateKeyPair(alg, { extractable: true })),
  );
  return Promise.all(
    pairs.map(async ({ privateKey }) => ({ ...(await exportJWK(privateKey)), kid: randomUUID(), use: "sig" })),
  );
}

function client(id, more) {
  return {
    client_id: id,
    client_secret: secret,
    redirect_uris: [redirectUri],
    grant_types: ["authorization_code"],
    response_types: ["code"],
    ...more,
  };
}

async function provider(issuer) {
  return new Provider(issuer, {
    clients: [
      ...ALGORITHMS.map((alg) => client(alg, { id_token_signed_response_alg: alg })),
      client("post", { token_endpoint_auth_method: "client_secret_post" }),
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "picture"] },
    clientAuthMethods: ["client_secret_basic", "client_secret_post"],
    cookies: { keys: [randomUUID()] },
    enabledJWA: { idTokenSigningAlgValues: ALGORITHMS },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: "Ada Lovelace", email: `${id}@example.com`, email_verified: id !== "unverified" }),
    }),
    jwks: { keys: await keys() },
    pkce: { required: () => true },
  });
}

let answer;
const server = createServer(async (request, response) => {
  if (request.url === "/_rotate") {
    answer = (await provider(issuer)).callback();
    response.end();
  } else {
    answer(request, response);
  }
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const issuer = `http://127.0.0.1:${server.address().port}`;
answer = (await provider(issuer)).callback();
process.stdout.write(`${issuer}\n`);
process.stdin.resume().on("end", () => process.exit());
