"use client";

import { SignUp } from "@bymax-one/python-auth/components";
import Link from "next/link";
import { useState } from "react";
import { looks } from "@/components/looks";
import { Verify } from "@/components/verify";

/** Creates an account, then verifies its address. */
export function Register() {
  const [email, setEmail] = useState<string>();
  if (email !== undefined) return <Verify email={email} />;
  return (
    <div className="narrow">
      <h1>Begin your ledger</h1>
      <SignUp
        classNames={looks}
        onSuccess={({ user }) => setEmail(user.email)}
        footer={
          <p className="hint">
            You have an account? <Link href="/login">Sign in</Link>
          </p>
        }
      />
    </div>
  );
}
