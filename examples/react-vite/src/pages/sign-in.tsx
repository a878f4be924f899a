import { SignIn } from "@bymax-one/python-auth/components";
import { useAuthStatus } from "@bymax-one/python-auth/react";
import { useEffect } from "react";
import { looks } from "../forms.ts";
import { Link } from "../link.tsx";
import { goTo, ownPage, useAddress } from "../navigation.ts";
import { Page } from "../page.tsx";

const REASONS: Record<string, string> = {
  expired: "Your session has ended. Sign in again.",
  factor: "Your second factor has changed, and every session has ended. Sign in again.",
  left: "You are signed out.",
  unsure: "You are signed out here. The server could not be reached, so sign out again when it can be.",
  verified: "Your address is verified. You can sign in.",
};

/** Signs in, and goes on to the page that was asked for; also when another tab has signed in. */
export function SignInPage() {
  const { searchParams } = useAddress();
  const { isAuthenticated } = useAuthStatus();
  const next = ownPage(searchParams.get("next"));
  useEffect(() => {
    if (isAuthenticated) goTo(next, { replace: true });
  }, [isAuthenticated, next]);
  const reason = REASONS[searchParams.get("because") ?? ""];
  return (
    <Page title="Welcome back">
      {reason !== undefined && (
        <p className="banner" role="status">
          {reason}
        </p>
      )}
      <SignIn
        classNames={looks}
        footer={
          <p className="links">
            <Link to="/reset">Forgotten your password?</Link>
            <Link to="/verify">Verify your address</Link>
            <Link to="/sign-up">Create an account</Link>
          </p>
        }
      />
    </Page>
  );
}
