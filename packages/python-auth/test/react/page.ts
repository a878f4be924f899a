import {
  type AuthClient,
  type AuthFetch,
  createAuthClient,
  createAuthFetch,
} from "@bymax-one/python-auth/client";
import {
  AuthProvider,
  type AuthProviderProps,
  type UseAuthResult,
  type UseAuthStatusResult,
  type UseSessionResult,
  useAuth,
  useAuthStatus,
  useSession,
} from "@bymax-one/python-auth/react";
import { act, cleanup, type RenderResult, render } from "@testing-library/react";
import { createElement, type ReactNode } from "react";
import { afterEach, beforeEach, vi } from "vitest";
import { AuthServer } from "./auth-server.ts";

export interface Seen {
  session: UseSessionResult;
  auth: UseAuthResult;
  status: UseAuthStatusResult;
}

/** A page that shows the session, over a client and a server of its own. */
export class Page {
  readonly server: AuthServer;
  readonly client: AuthClient;
  readonly renders: UseSessionResult[] = [];
  /** How many requests of the client have no answer yet. */
  unanswered = 0;
  #seen: Seen | undefined;

  constructor(server: AuthServer) {
    this.server = server;
    const authFetch = createAuthFetch({ refreshEndpoint: `${server.origin}/api/auth/refresh` });
    this.client = clientOf(server, async (input, init) => {
      this.unanswered += 1;
      try {
        const { status, statusText, headers, body } = await authFetch(input, init);
        // Whoever reads the answer has it at once.
        const read = body === null ? null : await new Response(body).arrayBuffer();
        return new Response(read, { status, statusText, headers });
      } finally {
        this.unanswered -= 1;
      }
    });
  }

  get seen(): Seen {
    if (this.#seen === undefined) throw new Error("nothing was rendered");
    return this.#seen;
  }

  get session(): UseSessionResult {
    return this.seen.session;
  }

  readonly Shown = (): ReactNode => {
    const session = useSession();
    this.#seen = { session, auth: useAuth(), status: useAuthStatus() };
    this.renders.push(session);
    return session.user === null ? session.status : session.user.name;
  };

  /** The session, beside something else that is shown. */
  beside(): ReactNode {
    return createElement("output", { key: "session", hidden: true }, createElement(this.Shown));
  }

  element(props: Partial<AuthProviderProps> = {}): ReactNode {
    const all: AuthProviderProps = {
      client: this.client,
      revalidateInterval: 0,
      children: createElement(this.Shown),
      ...props,
    };
    return createElement(AuthProvider, all);
  }

  open(props: Partial<AuthProviderProps> = {}): RenderResult {
    return render(this.element(props));
  }

  /** Opens the page, and waits for the first answer. */
  async opened(props: Partial<AuthProviderProps> = {}): Promise<RenderResult> {
    const rendered = this.open(props);
    await until(() => this.session.status !== "loading");
    return rendered;
  }

  asked(): number {
    return this.server.count("GET me");
  }
}

export function clientOf(server: AuthServer, authFetch?: AuthFetch): AuthClient {
  const baseUrl = `${server.origin}/api`;
  return createAuthClient(
    authFetch === undefined
      ? { baseUrl, refreshEndpoint: `${baseUrl}/auth/refresh` }
      : { baseUrl, authFetch },
  );
}

const LONGEST_WAIT = 500;

/** Waits until something is so. Simulated time does not pass meanwhile, as it would in `vi.waitFor`. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; !isSo(); turn += 1) {
    if (turn === LONGEST_WAIT) throw new Error(`still not so: ${isSo}`);
    // One act for each turn: React shows what happened within it at its end.
    await act(() => new Promise((resolve) => setTimeout(resolve, 5)));
  }
}

/** Waits until every request but those that the server holds back is answered, and has had its effect. */
export async function settled(page: Page): Promise<void> {
  await until(() => page.unanswered === page.server.heldBack);
  await act(() => new Promise((resolve) => setImmediate(resolve)));
}

/** Gives each test a server, and the page its origin. */
export function usePage(): () => Page {
  let page: Page;
  beforeEach(async () => {
    const server = await AuthServer.start();
    page = new Page(server);
  });
  afterEach(async () => {
    cleanup();
    vi.useRealTimers();
    vi.restoreAllMocks();
    await page.server.close();
  });
  return () => page;
}
