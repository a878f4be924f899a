// An OpenID provider for this machine: it believes every name, and any password.
import Provider from "oidc-provider";

const port = Number(process.env.PORT ?? 9000);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: "my-app",
      client_secret: "the-secret-of-my-app",
      redirect_uris: ["http://127.0.0.1:8000/auth/oauth/local/callback"],
    },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  findAccount: (_context, name) => ({
    accountId: name,
    claims: () => ({ sub: name, name, email: `${name}@example.com`, email_verified: name !== "mallory" }),
  }),
});
provider.listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}`));
