/** A few lines of an application. */
export interface Snippet {
  readonly language: string;
  readonly code: string;
}

const LANGUAGES = { py: "FastAPI", tsx: "React" };
const SOURCES = import.meta.glob<string>("./snippets/*", { query: "?raw", import: "default", eager: true });

/** Returns how an application does what a part of the page shows, without the imports. */
export function snippetsOf(id: string): readonly Snippet[] {
  return Object.entries(LANGUAGES).flatMap(([suffix, language]) => {
    const source = SOURCES[`./snippets/${id}.${suffix}`];
    return source === undefined ? [] : [{ language, code: shown(source) }];
  });
}

function shown(source: string): string {
  return source
    .replace(/^import .*\n/gm, "")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}
