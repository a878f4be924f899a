// npm's mock server, whose hooks change tokens and answers as POST /_change says: {"claims", "header", "userinfo"}.
import { createServer } from "node:http";

import { OAuth2Issuer, OAuth2Service } from "oauth2-mock-server";

const issuer = new OAuth2Issuer();
const service = new OAuth2Service(issuer, { wellKnownDocument: "/_metadata" });
await issuer.keys.generate("RS256");

let change = {};
service.on("beforeTokenSigning", (token) => {
  // The access token is built by the same hook, and has no audience.
  if (token.payload.aud === undefined) return;
  Object.assign(token.payload, { email: "john@example.com", email_verified: true, name: "John Doe" }, change.claims);
  for (const name of change.without ?? []) delete token.payload[name];
  Object.assign(token.header, change.header);
});
service.on("beforeUserinfo", (answer) => Object.assign(answer.body, change.userinfo));
service.on("beforeResponse", (answer) => {
  Object.assign(answer.body, change.answer);
  answer.statusCode = change.status ?? 200;
});

async function body(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}

const server = createServer(async (request, response) => {
  if (request.url === "/_change") {
    change = await body(request);
    response.end();
  } else if (request.url === "/.well-known/openid-configuration") {
    // The server knows no client secret, and this metadata names a method that it accepts.
    const metadata = await (await fetch(`${issuer.url}/_metadata`)).json();
    const methods = { token_endpoint_auth_methods_supported: ["client_secret_post"] };
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ ...metadata, ...methods, ...change.metadata }));
  } else {
    service.requestHandler(request, response);
  }
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
issuer.url = `http://127.0.0.1:${server.address().port}`;
process.stdout.write(`${issuer.url}\n`);
process.stdin.resume().on("end", () => process.exit());
