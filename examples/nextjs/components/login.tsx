"use client";

import { SignIn } from "@bymax-one/python-auth/components";
import Link from "next/link";
import { looks } from "@/components/looks";

/** Signs in, with the second factor where the account has one, and goes on to `destination`. */
export function Login({ destination, notice }: { destination: string; notice: string | undefined }) {
  return (
    <div className="narrow">
      <h1>Welcome back</h1>
      <SignIn
        classNames={looks}
        // A navigation of the browser: what the client router has of the time before is of nobody.
        onSuccess={() => location.assign(destination)}
        header={notice !== undefined && <p className="notice">{notice}</p>}
        footer={
          <p className="hint">
            <Link href="/register">Create an account</Link> ·{" "}
            <Link href="/reset-password">Forgot the password?</Link>
          </p>
        }
      />
    </div>
  );
}
