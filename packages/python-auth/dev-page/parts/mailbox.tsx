import { type ReactNode, useEffect, useState } from "react";
import { useArrival } from "../arrivals.ts";
import { put, show } from "../desk.ts";
import { byId, field, focusOn } from "../elements.ts";
import { say } from "../notes.tsx";
import { useEverySecond } from "../polling.ts";
import { Section } from "../section.tsx";
import { useStore } from "../store.ts";
import { currentUser } from "../who.ts";
import { ADDRESS, CODE, type Credential, INVITATION, type Mail, mailbox, TOKEN } from "./mail.ts";

const OPENED = 2;

/** The captured mail, newest first, with what can be done with a credential in it. */
export function MailboxPart(): ReactNode {
  const mails = useStore(mailbox);
  useEverySecond(() => mailbox.load());
  useEffect(() => {
    void mailbox.load().catch(() => mailbox.set([]));
  }, []);
  useArrival(mails !== null);
  return (
    <Section id="mailbox" title="Mailbox">
      <p className="dim">Captured mail. Nothing is sent from this machine.</p>
      <div id="mail">
        {mails === null || mails.length === 0 ? (
          <p className="dim empty">No mail yet.</p>
        ) : (
          mails.map((mail, at) => <MailItem key={JSON.stringify(mail)} mail={mail} isNewest={at < OPENED} />)
        )}
      </div>
    </Section>
  );
}

function MailItem({ mail, isNewest }: { mail: Mail; isNewest: boolean }): ReactNode {
  const { to, text } = mail;
  const credential = [CODE, TOKEN, INVITATION, ADDRESS].find(({ kind }) => kind === mail.kind);
  const found = credential?.pattern.exec(text);
  // A registration sends two mails at once, and the one with the code is opened. What a person opens or
  // closes then stays as it is.
  const [isOpen] = useState(isNewest && Boolean(found));
  return (
    <details open={isOpen}>
      <summary>
        {mail.subject}
        <br />
        <span>
          to {to}, {new Date(mail.createdAt).toLocaleTimeString()}
        </span>
      </summary>
      {credential && found ? (
        <>
          <pre>
            {text.slice(0, found.index)}
            <mark>{found[0]}</mark>
            {text.slice(found.index + found[0].length)}
          </pre>
          <button
            type="button"
            className="plain small"
            aria-label={`${credential.label}: ${found[0].slice(0, 8)}, for ${to}`}
            onClick={() => use(credential, to, found[0])}
          >
            {credential.label}
          </button>
        </>
      ) : (
        <pre>{text}</pre>
      )}
    </details>
  );
}

/** Puts a credential where it is asked for, and leads there. */
function use(credential: Credential, email: string, secret: string): void {
  if (credential === TOKEN && currentUser() !== null) {
    put({ reset: { email, token: secret }, isForgotten: true });
    say("account", "The token is kept. Sign out, and it opens the form for the new password.", "info");
    focusOn(byId("account-title"));
    return;
  }
  if (credential === CODE) show({ verification: { email, otp: secret } });
  if (credential === TOKEN) show({ reset: { email, token: secret }, isForgotten: true, secondStep: null });
  if (credential === INVITATION) show({ invitation: secret });
  if (credential === ADDRESS) show({ newAddress: secret });
  const target = targetOf(credential);
  target.scrollIntoView({ block: "center" });
  target.focus({ preventScroll: true });
}

function targetOf(credential: Credential): HTMLElement {
  if (credential === CODE) return field("verify", "otp");
  if (credential === TOKEN) return field("forgotten", "newPassword");
  if (credential === INVITATION) return field("accept", "name");
  return field("confirm-address", "token");
}
