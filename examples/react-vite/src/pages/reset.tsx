import { ResetPassword } from "@bymax-one/python-auth/components";
import { useEffect, useState } from "react";
import { looks } from "../forms.ts";
import { Link } from "../link.tsx";
import { goTo, useAddress } from "../navigation.ts";
import { Page } from "../page.tsx";

interface Proof {
  email: string;
  token: string;
}

/** Returns what the link of the mail has after its `#`. */
function proofIn(hash: string): Proof | undefined {
  const mailed = new URLSearchParams(hash.slice(1));
  const [email, token] = [mailed.get("email"), mailed.get("token")];
  return email === null || token === null ? undefined : { email, token };
}

/** Asks for a mail, or sets a new password with the link that was mailed. */
export function Reset() {
  const { hash } = useAddress();
  const [proof, setProof] = useState<Proof>();
  useEffect(() => {
    const followed = proofIn(hash);
    if (followed === undefined) return;
    setProof(followed);
    // The token leaves the address bar, and with it the history.
    goTo("/reset", { replace: true });
  }, [hash]);
  return (
    <Page title="A new password">
      <ResetPassword
        key={proof?.token}
        classNames={looks}
        proof={proof}
        footer={
          <p className="links">
            <Link to="/sign-in">Back to sign in</Link>
          </p>
        }
      />
    </Page>
  );
}
