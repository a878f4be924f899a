import { useSession } from "@bymax-one/python-auth/react";
import type { SubmitEvent } from "react";
import { Page } from "../page.tsx";
import { useOwn } from "../use-own.ts";

/** The notes of the person who is signed in. */
export function Notes() {
  const { user } = useSession();
  const { content: notes, refusal, post } = useOwn<string[]>("/api/notes");

  async function add(event: SubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget;
    const text = new FormData(form).get("text");
    if (await post({ text })) form.reset();
  }

  return (
    <Page title={`Notes of ${user?.name}`}>
      <form className="card row" onSubmit={add}>
        <div className="field">
          <label htmlFor="text">New note</label>
          <input id="text" name="text" required maxLength={200} autoComplete="off" />
        </div>
        <button type="submit" className="main">
          Add
        </button>
      </form>
      <p className="error" role="alert">
        {refusal !== undefined && "The notes cannot be reached now. Try again later."}
      </p>
      {notes?.length === 0 && <p className="hint">Nothing is written down yet.</p>}
      <ul className="notes" aria-label="Notes">
        {notes?.map((note, index) => (
          <li key={index}>{note}</li>
        ))}
      </ul>
    </Page>
  );
}
