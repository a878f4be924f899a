const SLASH = 0x2f;

/**
 * Returns the text without slashes at its end, in time that grows with its length.
 *
 * The expression `/\/+$/` is quadratic: it starts again at every slash of an inner run.
 */
export function trimTrailingSlashes(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === SLASH) end -= 1;
  return text.slice(0, end);
}

/** Returns the text without slashes at its start. */
export function trimLeadingSlashes(text: string): string {
  let start = 0;
  while (start < text.length && text.charCodeAt(start) === SLASH) start += 1;
  return text.slice(start);
}

/** Returns the text without slashes at either end. */
export function trimSlashes(text: string): string {
  return trimLeadingSlashes(trimTrailingSlashes(text));
}
