import type { ReactNode } from "react";
import { snippetsOf } from "./snippets.ts";

const TOKENS =
  /(?<comment>(?:#|\/\/) .*)|(?<string>"[^"\n]*"|`[^`]*`)|(?<keyword>\b(?:async|await|class|const|def|else|export|function|if|import|return|not|is|None)\b)|(?<name>@[\w.]+|<\/?[A-Z]\w*|\buse[A-Z]\w*)/g;

/** The lines of an application, side by side where there is room. */
export function Code({ of }: { of: string }): ReactNode {
  return (
    <div className="code-pair">
      {snippetsOf(of).map(({ language, code }) => (
        <figure key={language} className="code">
          <figcaption>{language}</figcaption>
          <pre>
            <code>{highlighted(code)}</code>
          </pre>
        </figure>
      ))}
    </div>
  );
}

function highlighted(code: string): ReactNode[] {
  const shown: ReactNode[] = [];
  let end = 0;
  for (const match of code.matchAll(TOKENS)) {
    const [kind] = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined) ?? [];
    shown.push(
      code.slice(end, match.index),
      <span key={match.index} className={kind}>
        {match[0]}
      </span>,
    );
    end = match.index + match[0].length;
  }
  return [...shown, code.slice(end)];
}
