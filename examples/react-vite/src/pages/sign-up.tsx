import { SignUp } from "@bymax-one/python-auth/components";
import { looks } from "../forms.ts";
import { Link } from "../link.tsx";
import { goTo } from "../navigation.ts";
import { Page } from "../page.tsx";

/** Creates an account, whose address is to be verified next. */
export function SignUpPage() {
  return (
    <Page title="Begin your notebook">
      <SignUp
        classNames={looks}
        onSuccess={({ user }) => goTo(`/verify?email=${encodeURIComponent(user.email)}`)}
        footer={
          <p className="links">
            <Link to="/sign-in">You have an account?</Link>
          </p>
        }
      />
    </Page>
  );
}
