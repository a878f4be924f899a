import { useSession } from "@bymax-one/python-auth/react";
import { type ReactNode, useRef, useState } from "react";
import { Action } from "../act.tsx";
import { explained } from "../explain.ts";
import { leadToSignIn } from "../lead.ts";
import { Log, logIn, Note, say } from "../notes.tsx";
import { Section } from "../section.tsx";
import { call } from "../server.ts";
import { currentUser, useChange } from "../who.ts";

const STATES = { open: "Open", closed: "Closed", ended: "Signed out" };

/** A WebSocket that the server closes when the login ends that opened it. */
export function LivePart(): ReactNode {
  const { state, open, close } = useLive();
  return (
    <Section id="live" hasCode title="Watch a socket end with its login">
      <p>
        Open a WebSocket here, then sign out in another tab, or end this session from another browser. The
        server closes the socket at once.
      </p>
      <p>
        <span className={`mark ${state}`}>{STATES[state]}</span>
      </p>
      <div className="row">
        <Action part="live" run={open}>
          Open a socket
        </Action>
        {state === "open" && (
          <button type="button" className="plain" onClick={close}>
            Close the socket
          </button>
        )}
      </div>
      <Log of="live" label="What happened to the socket" />
      <Note of="live" />
    </Section>
  );
}

interface Live {
  readonly state: keyof typeof STATES;
  readonly open: () => Promise<string | undefined>;
  readonly close: () => void;
}

function useLive(): Live {
  const { refresh } = useSession();
  const [state, setState] = useState<keyof typeof STATES>("closed");
  const socket = useRef<WebSocket | null>(null);
  const owner = useRef<string | undefined>(undefined);
  const log = useRef<(text: string, kind?: "bad") => void>(() => undefined);
  useChange((now) => {
    if (now === null || socket.current !== null) return;
    setState("closed");
    say("live", "");
  });

  async function connect(): Promise<string> {
    const { ticket } = await call<{ ticket: string }>("POST", "/auth/ws-ticket");
    const opening = new WebSocket(`ws://${location.host}/dev/demo/live?ticket=${ticket}`);
    await new Promise((done) => {
      opening.onopen = opening.onerror = done;
    });
    if (opening.readyState !== WebSocket.OPEN) return "The server refused the socket.";
    socket.current = opening;
    owner.current = currentUser()?.id;
    opening.onclose = closed;
    setState("open");
    log.current(`${clock()}: the ticket has opened the socket, as ${currentUser()?.email ?? "you"}.`);
    return "";
  }

  async function closed({ target, code, reason }: CloseEvent): Promise<void> {
    if (target !== socket.current) return;
    socket.current = null;
    setState("closed");
    log.current(`${clock()}: the server has closed the socket, ${reason || code}.`, "bad");
    try {
      await refresh();
      if (currentUser()?.id !== owner.current) {
        setState("ended");
        say("live", "Signed out. The server said so at once; this page did not ask.", "bad");
        return;
      }
      const isOver = reason === "expired";
      const why = isOver ? "The access token has expired" : "Only another session of the account has ended";
      log.current(`${why}: this login opens the next socket with a fresh ticket.`);
      say("live", await connect());
    } catch (error) {
      say("live", explained(error), "bad");
    }
  }

  async function open(): Promise<string | undefined> {
    if (currentUser() === null) return leadToSignIn("live");
    if (socket.current) return "The socket is open. Sign out, here or in another tab, and watch it.";
    log.current = logIn("live");
    return connect();
  }

  function close(): void {
    const closing = socket.current;
    socket.current = null;
    closing?.close();
    setState("closed");
    log.current(`${clock()}: you have closed the socket.`);
  }

  return { state, open, close };
}

function clock(): string {
  return new Date().toLocaleTimeString([], {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
  });
}
