import type { Metadata } from "next";
import { ask } from "@/lib/api";
import { requireSession } from "@/lib/session";

export const metadata: Metadata = { title: "Dashboard" };

interface Profile {
  id: string;
  tenant: string;
  role: string;
}

export default async function Dashboard({ searchParams }: PageProps<"/dashboard">) {
  const session = await requireSession("/dashboard");
  const [{ error }, profile] = await Promise.all([searchParams, ask<Profile>("/profile")]);
  return (
    <>
      <h1>Dashboard</h1>
      {error === "forbidden" && (
        <p role="alert" className="alert">
          Your role may not open that page.
        </p>
      )}
      <div className="cards">
        <section className="card" aria-labelledby="token">
          <h2 id="token">What the token says</h2>
          <dl>
            <dt>User</dt>
            <dd>
              <code data-testid="user">{session.userId}</code>
            </dd>
            <dt>Role</dt>
            <dd>{session.role}</dd>
            <dt>Valid until</dt>
            <dd>
              <time dateTime={new Date(session.expiresAt * 1000).toISOString()}>
                {new Date(session.expiresAt * 1000).toISOString().slice(11, 19)} UTC
              </time>
            </dd>
          </dl>
        </section>
        <section className="card" aria-labelledby="server">
          <h2 id="server">What the server says</h2>
          {profile === null ? (
            <p role="status">The server cannot be reached just now.</p>
          ) : (
            <dl>
              <dt>Tenant</dt>
              <dd data-testid="tenant">{profile.tenant}</dd>
              <dt>Role</dt>
              <dd>{profile.role}</dd>
            </dl>
          )}
        </section>
      </div>
    </>
  );
}
