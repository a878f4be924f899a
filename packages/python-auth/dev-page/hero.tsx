import type { ReactNode } from "react";
import { Code } from "./code.tsx";

const TOUR = [
  ["theft", "Replay a stolen token", "and the login ends in every tab"],
  ["sessions", "End a session, timed", "by a second process, in milliseconds"],
  ["lockout", "Lock yourself out", "and let a mailed reset lift it"],
  ["factor", "Add a second factor", "with a QR code, and no phone needed"],
] as const;

const MORE = [
  ["provider", "Demo ID"],
  ["live", "a socket that ends"],
  ["roles", "roles"],
  ["invitations", "invitations"],
  ["platform", "platform administrators"],
] as const;

/** The name of the page, and where else one may go. */
export function Bar(): ReactNode {
  return (
    <header className="bar">
      <div className="wide">
        <p className="brand">
          bymax-auth <span>development server</span>
        </p>
        <nav aria-label="Pages">
          <a href="/docs">API</a> <a href="/dev/mail">Mail as JSON</a>
        </nav>
      </div>
    </header>
  );
}

/** What the library is for, and what there is to try. */
export function Hero(): ReactNode {
  return (
    <div className="hero">
      <h1>
        Self-hosted sign&#8209;in for Python that ends a stolen login <em>everywhere</em>.
      </h1>
      <p className="lead">
        Accounts, sessions and tokens for FastAPI and every ASGI framework, in your own database; a client,
        hooks and forms for React. This page runs on both: sign in, then attack it.
      </p>
      <nav className="tour" aria-label="Demonstrations">
        {TOUR.map(([id, title, text]) => (
          <a key={id} href={`#${id}`}>
            <strong>{title}</strong>
            <span>{text}</span>
          </a>
        ))}
      </nav>
      <nav className="more" aria-label="More demonstrations">
        More:{" "}
        {MORE.map(([id, title]) => (
          <a key={id} href={`#${id}`}>
            {title}
          </a>
        ))}
      </nav>
      <Code of="start" />
    </div>
  );
}
