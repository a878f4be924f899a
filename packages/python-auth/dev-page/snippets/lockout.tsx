import { ResetPassword, SignIn } from "@bymax-one/python-auth/components";

// Says how long to wait, in the reader's language.
export const Login = () => <SignIn locale="es" />;

// The page behind the link of the mail.
type Proof = { email: string; token: string };
export const Reset = (proof: Proof) => (
  <ResetPassword proof={proof} />
);
