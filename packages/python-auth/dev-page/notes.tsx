import type { ReactNode } from "react";
import { Store, useStore } from "./store.ts";

/** How something is said: as done, as news, or as wrong. */
export type Kind = "ok" | "info" | "bad";

interface Note {
  readonly text: string;
  readonly kind: Kind;
}

/** One line of what happened. */
interface Line {
  readonly text: string;
  readonly kind: "" | "good" | "bad";
}

const notes = new Map<string, Store<Note>>();
const logs = new Map<string, Store<readonly Line[]>>();

function noteOf(part: string): Store<Note> {
  return kept(notes, part, { text: "", kind: "ok" });
}

function logOf(part: string): Store<readonly Line[]> {
  return kept(logs, part, []);
}

function kept<Value>(stores: Map<string, Store<Value>>, part: string, empty: Value): Store<Value> {
  const store = stores.get(part) ?? new Store(empty);
  stores.set(part, store);
  return store;
}

/** Says something in a part of the page; it moves no focus. */
export function say(part: string, text: string, kind: Kind = "ok"): void {
  noteOf(part).set({ text, kind });
}

/** Returns whether a part says something. */
export function isSaid(part: string): boolean {
  return noteOf(part).get().text !== "";
}

/** Adds a line to a log. */
export type AddLine = (text: string, kind?: Line["kind"]) => void;

/** Begins the log of a part anew. */
export function logIn(part: string): AddLine {
  logOf(part).set([]);
  return logOn(part);
}

/** Goes on with the log of a part. */
export function logOn(part: string): AddLine {
  const log = logOf(part);
  return (text, kind = "") => log.set([...log.get(), { text, kind }]);
}

/** Shows what a part says. It is there from the start, so that a screen reader knows it. */
export function Note({ of }: { of: string }): ReactNode {
  const { text, kind } = useStore(noteOf(of));
  return (
    <p id={`${of}-note`} role="status" className={`note ${kind}`}>
      {text}
    </p>
  );
}

/** Shows what happened in a part, step by step. */
export function Log({ of, label }: { of: string; label: string }): ReactNode {
  const lines = useStore(logOf(of));
  return (
    <ol className="log" aria-label={label} aria-live="polite">
      {lines.map(({ text, kind }, at) => (
        <li key={at} className={kind}>
          {text}
        </li>
      ))}
    </ol>
  );
}
