/** A state that hooks read through `useSyncExternalStore`. */
export class Observable<State> {
  #state: State;
  readonly #initial: State;
  readonly #listeners = new Set<() => void>();

  constructor(initial: State) {
    this.#state = initial;
    this.#initial = initial;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getSnapshot = (): State => this.#state;

  /** What the server rendered, so that the first render in the browser is the same. */
  readonly getServerSnapshot = (): State => this.#initial;

  /** Takes over the state, and tells everybody who reads it. */
  protected become(state: State): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
