import Link from "next/link";

export default function Home() {
  return (
    <>
      <section className="hero">
        <h1>Your accounts, from Python. Your pages, from Next.</h1>
        <p>
          Ledger is an example: a server in Python keeps accounts and sessions, a proxy in front of the pages
          chooses who sees which, and the browser never holds a token that a script could read.
        </p>
        <p className="actions">
          <Link href="/register" className="button">
            Create an account
          </Link>
          <Link href="/dashboard">Open the dashboard</Link>
        </p>
      </section>
      <ul className="cards">
        <li className="card">
          <h2>The API is the lock</h2>
          <p className="hint">
            The proxy reads a token and asks nobody. Data comes from the server, which decides.
          </p>
        </li>
        <li className="card">
          <h2>A session that stays</h2>
          <p className="hint">An expired token is renewed on the way to a page, once, in every tab.</p>
        </li>
        <li className="card">
          <h2>A second step</h2>
          <p className="hint">An authenticator app, recovery codes, and a list of where you are signed in.</p>
        </li>
      </ul>
    </>
  );
}
