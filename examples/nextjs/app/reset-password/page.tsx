import { ResetPassword } from "@bymax-one/python-auth/components";
import type { Metadata } from "next";
import { looks } from "@/components/looks";

export const metadata: Metadata = { title: "Reset password" };

export default function ResetPasswordPage() {
  return (
    <div className="narrow">
      <h1>A new password</h1>
      <ResetPassword method="code" classNames={looks} />
    </div>
  );
}
