import { useSessions } from "@bymax-one/python-auth/react";
import type { ActiveSessionInfo } from "@bymax-one/python-auth/shared";
import { type ReactNode, useEffect, useState } from "react";
import { Action } from "../act.tsx";
import { useArrival } from "../arrivals.ts";
import { byId, focusOn } from "../elements.ts";
import { Form, type Values } from "../form.tsx";
import { leadToSignIn } from "../lead.ts";
import { Note, say } from "../notes.tsx";
import { Listed, useEverySecond } from "../polling.ts";
import { useProof } from "../proof.ts";
import { Section } from "../section.tsx";
import { call, refusal, send } from "../server.ts";
import { useStore } from "../store.ts";
import { currentUser, useChange, useUser } from "../who.ts";

interface Phone {
  readonly sessionHash: string;
}

interface Processes {
  readonly server: number;
  readonly second: number;
}

interface Timed {
  readonly checks: number;
  readonly refusedMs: number | null;
  readonly answeredMs: number;
}

const phones = new Listed<Phone>(() => call("GET", "/dev/demo/phones"));

/** The sessions of the account, and how soon another process refuses an ended one. */
export function SessionsPart(): ReactNode {
  const user = useUser();
  const { sessions, error, reload, revoke, revokeOthers } = useSessions();
  const known = useStore(phones);
  const processes = useProcesses();
  const [aheadMs, setAheadMs] = useState<number | null>(null);
  const loadAll = (): Promise<unknown> => Promise.all([reload(), phones.load()]);
  useEverySecond(async () => currentUser() !== null && loadAll());
  usePhonesOf(user?.id);
  useChange(() => {
    setAheadMs(null);
    say("sessions", "");
  });
  useArrival(processes !== null && (user === null || (known !== null && (sessions ?? error) !== null)));

  async function endTimed(session: ActiveSessionInfo): Promise<string> {
    const watched = await call<Phone>("POST", `/dev/demo/phones/${session.sessionHash}/watch`);
    await revoke({ ...session, ...watched });
    const { checks, refusedMs, answeredMs } = await call<Timed>(
      "GET",
      `/dev/demo/phones/${watched.sessionHash}/refused`,
    );
    if (refusedMs === null) throw refusal(503, "The other process did not notice");
    setAheadMs(answeredMs - refusedMs);
    return `The session has ended. Process ${processes?.second} let the phone in ${checks - 1} times, and refused it ${refusedMs} ms after your request came to process ${processes?.server}.`;
  }

  async function end(session: ActiveSessionInfo, isPhone: boolean): Promise<string> {
    const done = isPhone ? await endTimed(session) : "The session has ended.";
    if (!isPhone) await revoke(session);
    await loadAll();
    focusOn(byId("sessions-title"));
    return done;
  }

  async function endOthers(): Promise<string | undefined> {
    if (currentUser() === null) return leadToSignIn("sessions");
    await revokeOthers();
    return "Every other session has ended.";
  }

  return (
    <Section id="sessions" hasCode title="End a session, timed">
      <p>
        Sign in a phone, then end its session. Meanwhile a second process
        {processes !== null && `, number ${processes.second},`} tries the phone's token again and again; the
        two share only the database.
      </p>
      {aheadMs !== null && <Figure aheadMs={aheadMs} />}
      <Note of="sessions" />
      <ul id="session-list" className="list" aria-label="Your sessions">
        {(user === null || sessions?.length === 0) && (
          <li className="empty">{user === null ? "Sign in to see your sessions." : "No session."}</li>
        )}
        {(sessions ?? []).map((session) => {
          const isPhone = known?.some(({ sessionHash }) => sessionHash === session.sessionHash) ?? false;
          return (
            <SessionItem
              key={session.id}
              session={session}
              isPhone={isPhone}
              end={() => end(session, isPhone)}
            />
          );
        })}
      </ul>
      <PhoneForm reload={loadAll}>
        <Action part="sessions" className="plain" run={endOthers}>
          End all other sessions
        </Action>
      </PhoneForm>
    </Section>
  );
}

function Figure({ aheadMs }: { aheadMs: number }): ReactNode {
  return (
    <p className="figure">
      <strong>{Math.abs(aheadMs).toFixed(1)} ms</strong>{" "}
      <span>
        {aheadMs > 0 ? "before" : "after"} your request was answered, the other process refused the phone
      </span>
    </p>
  );
}

interface SessionItemProps {
  readonly session: ActiveSessionInfo;
  readonly isPhone: boolean;
  readonly end: () => Promise<string>;
}

function SessionItem({ session, isPhone, end }: SessionItemProps): ReactNode {
  const { device, ip, isCurrent, sessionHash } = session;
  const since = new Date(session.createdAt).toLocaleString();
  return (
    <li>
      <div>
        <strong>{device}</strong>
        <div className="dim">
          {ip}, since {since}
        </div>
      </div>
      {isPhone && <span className="mark">In the second process</span>}
      {isCurrent ? (
        <span className="mark">This one</span>
      ) : (
        <Action
          part="sessions"
          className="plain small"
          name={`End ${device}, ${ip}, since ${since}, ${sessionHash.slice(0, 6)}`}
          run={end}
        >
          End
        </Action>
      )}
    </li>
  );
}

interface PhoneFormProps {
  readonly reload: () => Promise<unknown>;
  readonly children: ReactNode;
}

function PhoneForm({ reload, children }: PhoneFormProps): ReactNode {
  const user = useUser();
  const { isAsked, prove } = useProof();

  async function signIn(values: Values): Promise<string | undefined> {
    if (currentUser() === null) return leadToSignIn("sessions");
    await prove(values.password ?? "", (password) => call("POST", "/dev/demo/phones", { password }));
    await reload();
    return "A phone has signed in. End its session, and watch the clock.";
  }

  return (
    <Form
      id="phone"
      part="sessions"
      owner={user?.email ?? ""}
      send={signIn}
      fields={[
        {
          name: "password",
          label: "Password of this account",
          type: "password",
          autoComplete: "current-password",
          isHidden: !isAsked,
        },
      ]}
    >
      <div className="row">
        <button type="submit">Sign in a phone</button>
        {children}
      </div>
    </Form>
  );
}

function useProcesses(): Processes | null {
  const [processes, setProcesses] = useState<Processes | null>(null);
  useEffect(() => {
    const unknown = { server: 0, second: 0 };
    void send<Processes>("GET", "/dev/demo/processes").then(setProcesses, () => setProcesses(unknown));
  }, []);
  return processes;
}

function usePhonesOf(userId: string | undefined): void {
  useEffect(() => {
    if (userId === undefined) return;
    void phones.load().catch(() => phones.set([]));
    return () => phones.clear();
  }, [userId]);
}
