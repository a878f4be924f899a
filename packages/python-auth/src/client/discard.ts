/** Lets go of an answer whose body nobody reads. */
export function discard(response: Response): void {
  response.body?.cancel().catch(() => undefined);
}
