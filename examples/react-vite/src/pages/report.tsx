import { Page } from "../page.tsx";
import { useOwn } from "../use-own.ts";

interface Numbers {
  people: number;
  notes: number;
}

/** What only an administrator may read; the server decides, and everybody may ask. */
export function Report() {
  const { content, refusal } = useOwn<Numbers>("/api/report");
  return (
    <Page title="Report">
      <p className="error" role="alert">
        {refusal === "auth.insufficient_role"
          ? "Only administrators may read this report."
          : refusal !== undefined && "The report cannot be read now. Try again later."}
      </p>
      {content !== undefined && (
        <dl className="card">
          <dt>People who write</dt>
          <dd>{content.people}</dd>
          <dt>Notes</dt>
          <dd>{content.notes}</dd>
        </dl>
      )}
    </Page>
  );
}
