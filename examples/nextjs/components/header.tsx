"use client";

import { useSession } from "@bymax-one/python-auth/react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { SignOut } from "@/components/sign-out";

const PAGES = [
  ["/dashboard", "Dashboard"],
  ["/sessions", "Sessions"],
  ["/security", "Security"],
  ["/admin", "Administration"],
] as const;

/** The same for everybody on the server, and for whoever is signed in once the browser knows who it is. */
export function Header() {
  const session = useSession();
  return (
    <header className="header">
      <Link href="/" className="brand">
        Ledger
      </Link>
      {session.status === "authenticated" && <Pages />}
      <div className="account">
        {session.status === "authenticated" ? (
          <SignOut name={session.user.name} />
        ) : (
          session.status === "unauthenticated" && (
            <>
              <Link href="/login">Sign in</Link>
              <Link href="/register" className="button">
                Create account
              </Link>
            </>
          )
        )}
      </div>
    </header>
  );
}

function Pages() {
  const here = usePathname();
  return (
    <nav aria-label="Pages">
      {PAGES.map(([href, text]) => (
        <Link key={href} href={href} aria-current={here === href ? "page" : undefined}>
          {text}
        </Link>
      ))}
    </nav>
  );
}
