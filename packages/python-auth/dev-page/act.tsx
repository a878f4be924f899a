import { type ReactNode, useRef } from "react";
import { flushSync } from "react-dom";
import { arrived } from "./arrivals.ts";
import { byId } from "./elements.ts";
import { explained } from "./explain.ts";
import { isSaid, say } from "./notes.tsx";

/** What an action returns is said in its part. */
export type Work = () => Promise<string | undefined>;

// Actions run in sequence, so that an earlier result never replaces a later one.
let queue: Promise<void> = Promise.resolve();

/**
 * Runs an action, once those before it are done and every part of the page is there.
 *
 * A button that is pressed is not disabled meanwhile, because a disabled one loses the focus.
 */
export function act(part: string, pressed: Element | null, work: Work): void {
  if (pressed?.getAttribute("aria-disabled") === "true") return;
  pressed?.setAttribute("aria-disabled", "true");
  queue = queue.then(() => perform(part, work)).finally(() => pressed?.removeAttribute("aria-disabled"));
}

async function perform(part: string, work: Work): Promise<void> {
  await arrived();
  say(part, "");
  const { activeElement } = document;
  try {
    const done = await work();
    if (done !== undefined) flushSync(() => say(part, done));
  } catch (error) {
    flushSync(() => say(part, explained(error), "bad"));
  }
  // Work that has moved the focus has scrolled to what it is about.
  if (isSaid(part) && document.activeElement === activeElement) {
    byId(`${part}-note`).scrollIntoView({ block: "nearest" });
  }
}

interface ActionProps {
  /** The part that says what became of it. */
  readonly part: string;
  readonly run: Work;
  readonly children: ReactNode;
  readonly className?: string;
  /** The name, where the text alone says too little. */
  readonly name?: string;
}

/** A button that runs an action. */
export function Action({ part, run, children, className, name }: ActionProps): ReactNode {
  const button = useRef<HTMLButtonElement>(null);
  return (
    <button
      ref={button}
      type="button"
      className={className}
      aria-label={name}
      onClick={() => act(part, button.current, run)}
    >
      {children}
    </button>
  );
}
