import { VerifyEmail } from "@bymax-one/python-auth/components";
import { looks } from "../forms.ts";
import { Link } from "../link.tsx";
import { goTo, useAddress } from "../navigation.ts";
import { Page } from "../page.tsx";

/** Proves an address with the code that was mailed to it. */
export function Verify() {
  const { searchParams } = useAddress();
  return (
    <Page title="One more step">
      <VerifyEmail
        email={searchParams.get("email") ?? undefined}
        classNames={looks}
        onSuccess={() => goTo("/sign-in?because=verified")}
        footer={
          <p className="links">
            <Link to="/sign-in">Back to sign in</Link>
          </p>
        }
      />
    </Page>
  );
}
