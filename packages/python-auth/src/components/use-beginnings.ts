import { useState } from "react";

/** How often a form has begun, which is its key, and what begins it anew. */
export interface Beginnings {
  readonly count: number;
  /** Whether a person asked for this one, who is then at its first field. */
  readonly takesFocus: boolean;
  begin(): void;
}

/** Lets a form begin anew, with nothing of what was typed into it or said by it. */
export function useBeginnings(): Beginnings {
  const [count, setCount] = useState(0);
  return { count, takesFocus: count > 0, begin: () => setCount(count + 1) };
}
