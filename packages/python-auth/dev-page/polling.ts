import { useEffect, useRef } from "react";
import { Store } from "./store.ts";

const EVERY_MS = 1000;

/** Does something every second while somebody can see the page: other tabs and processes change things too. */
export function useEverySecond(work: () => Promise<unknown>): void {
  const latest = useRef(work);
  useEffect(() => {
    latest.current = work;
  });
  useEffect(() => {
    let isWorking = false;
    const timer = setInterval(() => {
      if (document.hidden || isWorking) return;
      isWorking = true;
      // The next press of a button says that the server is gone.
      const done = latest.current().catch(() => undefined);
      void done.then(() => {
        isWorking = false;
      });
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, []);
}

/** A list of the server, of which only the answer to the last question counts. */
export class Listed<Item> extends Store<readonly Item[] | null> {
  #question = 0;
  readonly #ask: () => Promise<readonly Item[]>;

  constructor(ask: () => Promise<readonly Item[]>) {
    super(null);
    this.#ask = ask;
  }

  async load(): Promise<readonly Item[]> {
    this.#question += 1;
    const question = this.#question;
    const items = await this.#ask();
    if (question === this.#question && JSON.stringify(items) !== JSON.stringify(this.get())) this.set(items);
    return items;
  }

  clear(): void {
    this.#question += 1;
    this.set(null);
  }
}
