import type { ReactNode } from "react";
import { Code } from "./code.tsx";

interface SectionProps {
  readonly id: string;
  readonly title: string;
  readonly children: ReactNode;
  /** Whether there are lines that show how an application does the same. */
  readonly hasCode?: boolean;
}

/** A part of the page, which its heading names. */
export function Section({ id, title, children, hasCode = false }: SectionProps): ReactNode {
  return (
    <section id={id} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`} tabIndex={-1}>
        {title}
      </h2>
      {children}
      {hasCode && (
        <details className="in-your-app">
          <summary>How to do this in your app</summary>
          <Code of={id} />
        </details>
      )}
    </section>
  );
}
