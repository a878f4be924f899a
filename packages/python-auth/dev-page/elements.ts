/** Returns an element that the page has. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no #${id}.`);
  return found;
}

/** Returns a field of a form within an element. */
export function field(within: string, name: string): HTMLInputElement {
  const found = byId(within).querySelector<HTMLInputElement>(`[name="${name}"]`);
  if (found === null) throw new Error(`#${within} has no field ${name}.`);
  return found;
}

/**
 * Moves the focus, and scrolls to it.
 *
 * A heading out of view goes to the top of the window: at the nearer edge, which may be the lower one, what
 * stands below it would stay out of view.
 */
export function focusOn(target: HTMLElement): void {
  const { top, bottom } = target.getBoundingClientRect();
  const isUnseen = top < 0 || bottom > innerHeight;
  target.scrollIntoView({ block: isUnseen && target.matches("h2, h3") ? "start" : "nearest" });
  target.focus({ preventScroll: true });
}
