import { type AuthTokens, createAuthClient } from "@bymax-one/python-auth/client";
import { SignIn } from "@bymax-one/python-auth/components";
import { AuthProvider, useAuth, useSession } from "@bymax-one/python-auth/react";
import { looks } from "../forms.ts";
import { Page } from "../page.tsx";

// In memory only: a script that is injected into the page reads every other place.
let tokens: AuthTokens | null = null;

const client = createAuthClient({
  baseUrl: "",
  tokenStore: {
    get: () => tokens,
    set(next) {
      tokens = next;
    },
  },
});

/** A session of its own, whose tokens are in the memory of the page and not in cookies. */
export function Tokens() {
  return (
    <AuthProvider client={client} syncTabs={false}>
      <Page title="Tokens instead of cookies">
        <Session />
      </Page>
    </AuthProvider>
  );
}

function Session() {
  const { status, user, refresh } = useSession();
  const { logout } = useAuth();
  if (status === "loading") return null;
  if (user === null) return <SignIn classNames={looks} />;
  return (
    <section className="card">
      <p>
        {user.name} is signed in until the page is closed or loaded again. The cookies of the other pages have
        nothing to do with it.
      </p>
      <button type="button" className="main" onClick={refresh}>
        Ask again
      </button>
      <button type="button" className="quiet" onClick={() => logout().catch(() => undefined)}>
        Sign out here
      </button>
    </section>
  );
}
