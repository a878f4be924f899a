import { Store } from "./store.ts";

/** A tab with this page, and who is signed in there. */
interface Tab {
  readonly id: string;
  readonly opened: number;
  readonly email: string | null;
}

type Message = Tab & { readonly kind: "opened" | "here" | "closed" };

const channel = new BroadcastChannel("bymax-auth-demo");
let own: Tab = { id: crypto.randomUUID(), opened: Date.now(), email: null };

/** The tabs of this browser with the page, the oldest first. */
export const tabs: Store<readonly Tab[]> = new Store<readonly Tab[]>([own]);

export function isThisTab({ id }: Tab): boolean {
  return id === own.id;
}

/** Tells the other tabs who is signed in here. */
export function showHere(email: string | null): void {
  own = { ...own, email };
  take(own);
  announce("here");
}

function announce(kind: Message["kind"]): void {
  channel.postMessage({ kind, ...own } satisfies Message);
}

function take(tab: Tab): void {
  const others = tabs.get().filter(({ id }) => id !== tab.id);
  tabs.set([...others, tab].sort((one, other) => one.opened - other.opened));
}

channel.onmessage = ({ data: { kind, ...tab } }: MessageEvent<Message>) => {
  if (kind === "closed") tabs.set(tabs.get().filter(({ id }) => id !== tab.id));
  else take(tab);
  if (kind === "opened") announce("here");
};
addEventListener("pagehide", () => announce("closed"));
addEventListener("pageshow", () => announce("opened"));
