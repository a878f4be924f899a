import { useAuth, useSession } from "@bymax-one/python-auth/react";
import type { ComponentType } from "react";
import { Guarded } from "./guarded.tsx";
import { Link } from "./link.tsx";
import { goTo, useAddress } from "./navigation.ts";
import { Page } from "./page.tsx";
import { Notes } from "./pages/notes.tsx";
import { Report } from "./pages/report.tsx";
import { Reset } from "./pages/reset.tsx";
import { Security } from "./pages/security.tsx";
import { SignInPage } from "./pages/sign-in.tsx";
import { SignUpPage } from "./pages/sign-up.tsx";
import { Tokens } from "./pages/tokens.tsx";
import { Verify } from "./pages/verify.tsx";

const PUBLIC: Record<string, ComponentType> = {
  "/sign-in": SignInPage,
  "/sign-up": SignUpPage,
  "/verify": Verify,
  "/reset": Reset,
  "/tokens": Tokens,
};

const PRIVATE: Record<string, ComponentType> = {
  "/": Notes,
  "/notes": Notes,
  "/report": Report,
  "/security": Security,
};

/** The page of the address, below a bar that says who is signed in. */
export function App() {
  return (
    <>
      <Bar />
      <Shown />
    </>
  );
}

function Shown() {
  const { pathname } = useAddress();
  const Public = PUBLIC[pathname];
  if (Public !== undefined) return <Public />;
  const Private = PRIVATE[pathname];
  if (Private === undefined) return <Page title="There is no such page">{null}</Page>;
  return (
    <Guarded>
      <Private />
    </Guarded>
  );
}

function Bar() {
  const { user } = useSession();
  const { logout } = useAuth();

  async function leave(): Promise<void> {
    // The page forgets who was signed in, also when the server cannot be reached.
    const because = await logout().then(
      () => "left",
      () => "unsure",
    );
    goTo(`/sign-in?because=${because}`);
  }

  return (
    <header className="bar">
      <a className="brand" href="/notes">
        Notebook
      </a>
      {user === null ? (
        <nav aria-label="Account">
          <Link to="/sign-in">Sign in</Link>
          <Link to="/sign-up">Create account</Link>
        </nav>
      ) : (
        <nav aria-label="Pages">
          <Link to="/notes">Notes</Link>
          <Link to="/report">Report</Link>
          <Link to="/security">Security</Link>
          <span className="who">{user.name}</span>
          <button type="button" className="quiet" onClick={leave}>
            Sign out
          </button>
        </nav>
      )}
    </header>
  );
}
