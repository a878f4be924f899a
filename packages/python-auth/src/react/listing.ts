import { Observable } from "./observable.ts";

/** A list of the server, as far as it has arrived. */
export interface ListingState<T> {
  /** `null` until the first answer. */
  readonly items: readonly T[] | null;
  readonly isLoading: boolean;
  /** Why the last question failed; the items before it stay. */
  readonly error: Error | null;
}

const EMPTY = { items: null, isLoading: false, error: null };

/** A list of the server: only the answer to the last question counts. */
export class Listing<T> extends Observable<ListingState<T>> {
  #question = 0;

  constructor() {
    super(EMPTY);
  }

  /** Asks for the list; never rejects. */
  async load(ask: () => Promise<readonly T[]>): Promise<void> {
    this.#question += 1;
    const question = this.#question;
    this.become({ ...this.getSnapshot(), isLoading: true });
    const answer = await ask().then(
      (items) => ({ ...EMPTY, items }),
      (error: Error) => ({ ...EMPTY, items: this.getSnapshot().items, error }),
    );
    if (question === this.#question) this.become(answer);
  }

  /** Forgets the list of somebody who is not signed in any more. */
  clear(): void {
    this.#question += 1;
    this.become(EMPTY);
  }
}
