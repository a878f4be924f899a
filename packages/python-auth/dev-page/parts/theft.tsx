import { useSession } from "@bymax-one/python-auth/react";
import { type ReactNode, useEffect } from "react";
import { Action } from "../act.tsx";
import { useArrival } from "../arrivals.ts";
import { pause } from "../explain.ts";
import { facts } from "../facts.ts";
import { leadToSignIn } from "../lead.ts";
import { Log, logIn, Note, say } from "../notes.tsx";
import { Listed, useEverySecond } from "../polling.ts";
import { Section } from "../section.tsx";
import { client, send } from "../server.ts";
import { useStore } from "../store.ts";
import { isThisTab, tabs } from "../tabs.ts";
import { currentUser, useChange, useUser } from "../who.ts";

interface RefreshToken {
  readonly fingerprint: string;
  readonly exchanged: boolean;
  readonly graceLeftMs: number;
}

interface Replay {
  readonly fingerprint: string;
  readonly accepted: boolean;
  readonly successor: string | null;
  readonly code: string | null;
}

const MARGIN_MS = 200;
const SHOWN = 6;
const chain = new Listed<RefreshToken>(() => send("GET", "/dev/demo/login"));

/** The refresh tokens of this login, and a thief who replays a used one. */
export function TheftPart(): ReactNode {
  const { refresh } = useSession();
  useEverySecond(() => chain.load());
  useChange((now) => {
    if (now === null) return;
    logIn("theft");
    say("theft", "");
  });
  const user = useUser();
  const userId = user?.id;
  useEffect(() => {
    // Another login has other tokens.
    void chain.load().catch(() => chain.set(chain.get() ?? []));
  }, [userId]);

  return (
    <Section id="theft" hasCode title="Replay a stolen token">
      <p>
        Every refresh exchanges the refresh token for a new one. When a used one comes back, somebody has a
        copy: the login ends, in every tab and on every server.
      </p>
      <Chain />
      <Tabs />
      <p>
        <a href="/" target="_blank" rel="noopener opener">
          Open a second tab
        </a>
      </p>
      <div className="row">
        <Action part="theft" className="plain" run={rotateOnce}>
          Refresh now
        </Action>
        <Action part="theft" className="danger" run={() => replay(refresh)}>
          Replay the stolen token
        </Action>
      </div>
      <Log of="theft" label="What happened to the stolen token" />
      <Note of="theft" />
      <p className="dim">
        Here a used token counts as stolen after {facts.graceSeconds} seconds, so that tabs which refresh
        together are not signed out. The default is 30.
      </p>
    </Section>
  );
}

function Chain(): ReactNode {
  const tokens = useStore(chain);
  const user = useUser();
  useArrival(tokens !== null);
  const last = user === null ? "Ended" : "Current";
  return (
    <>
      <h3 id="chain-title">Refresh tokens of this login</h3>
      <ol id="chain" className="chain" aria-labelledby="chain-title">
        {(tokens ?? []).length === 0 && <li className="empty">None yet. Sign in to get the first.</li>}
        {(tokens ?? []).slice(-SHOWN).map(({ fingerprint, exchanged }) => (
          <li key={fingerprint} className={(exchanged ? "Used" : last).toLowerCase()}>
            <code>{fingerprint}</code>
            <span>{exchanged ? "Used" : last}</span>
          </li>
        ))}
      </ol>
    </>
  );
}

function Tabs(): ReactNode {
  return (
    <>
      <h3 id="tabs-title">Tabs with this page</h3>
      <ul id="tabs" className="tabs" aria-labelledby="tabs-title">
        {useStore(tabs).map((tab, at) => (
          <li key={tab.id} className={tab.email === null ? "off" : "on"}>
            <strong>
              Tab {at + 1}
              {isThisTab(tab) && " (this one)"}
            </strong>
            <span> {tab.email === null ? "Signed out" : `Signed in as ${tab.email}`}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

async function rotate(): Promise<readonly RefreshToken[]> {
  await client.refresh();
  return chain.load();
}

async function rotateOnce(): Promise<string | undefined> {
  if (currentUser() === null) return leadToSignIn("theft");
  const tokens = await rotate();
  return `The browser has ${tokens.at(-1)?.fingerprint} now; the token before is used.`;
}

async function replay(refresh: () => Promise<void>): Promise<string | undefined> {
  if (currentUser() === null) return leadToSignIn("theft");
  const log = logIn("theft");
  let tokens = await chain.load();
  if (!tokens.some(({ exchanged }) => exchanged)) {
    log(`A thief copies ${tokens.at(-1)?.fingerprint} from this browser.`);
    tokens = await rotate();
    log(`You go on working: the browser exchanges it for ${tokens.at(-1)?.fingerprint}.`);
  }
  const left = tokens.findLast(({ exchanged }) => exchanged)?.graceLeftMs ?? 0;
  if (left > 0) {
    log("The thief waits until it is too late for a tab that refreshed at the same moment.");
    await pause(left + MARGIN_MS);
  }
  const outcome = await send<Replay>("POST", "/dev/demo/replay");
  if (outcome.accepted) {
    log(`The thief presents ${outcome.fingerprint} in time, and gets ${outcome.successor}.`, "bad");
    await chain.load();
    return "The token was used a moment ago, so the server took it for a tab of yours. Replay it again.";
  }
  log(`The thief presents ${outcome.fingerprint}: refused, ${outcome.code}.`, "good");
  await refresh();
  await chain.load();
  if (currentUser() !== null) return "The token was refused.";
  log("Every token of this login is refused now, the thief's and yours: every tab is signed out.", "good");
  return "The stolen token gave the theft away. Sign in again; the thief cannot.";
}
