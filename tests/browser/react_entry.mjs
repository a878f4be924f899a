// A page over the React entry of a package: it shows the session, and `hooks` has what the hooks return.
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import { createAuthClient, createAuthFetch } from "the-package/client";
import { AuthProvider, useAuth, useAuthStatus, useSession } from "the-package/react";

const refreshEndpoint = "/auth/refresh";
globalThis.told = [];
// The test decides how long an answer takes.
globalThis.authFetch = createAuthFetch({ refreshEndpoint, timeout: 0 });
globalThis.client = createAuthClient({ baseUrl: "", authFetch });
globalThis.post = async (path, body) => {
  const answer = await authFetch(path, { method: "POST", body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.status === 204 ? null : answer.json();
};

function Session() {
  const [session, status] = [useSession(), useAuthStatus()];
  globalThis.hooks = { session, status, auth: useAuth() };
  const shown = [session.status, status.isAuthenticated, session.user?.name ?? "nobody"].join(" ");
  return createElement("output", null, shown);
}

const props = { client, onSessionExpired: () => told.push("expired") };
createRoot(document.body).render(createElement(AuthProvider, props, createElement(Session)));
