import type { Metadata } from "next";
import { requireSession } from "@/lib/session";

export const metadata: Metadata = { title: "Administration" };

export default async function Administration() {
  const session = await requireSession("/admin");
  return (
    <>
      <h1>Administration</h1>
      <section className="card">
        <p>
          Only the role <strong>{session.role}</strong> is let through to this page.
        </p>
      </section>
    </>
  );
}
