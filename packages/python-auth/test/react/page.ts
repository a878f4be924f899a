import { type AuthClient, createAuthClient } from "@bymax-one/python-auth/client";
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
  #seen: Seen | undefined;

  constructor(server: AuthServer) {
    this.server = server;
    this.client = clientOf(server);
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

export function clientOf(server: AuthServer): AuthClient {
  return createAuthClient({
    baseUrl: `${server.origin}/api`,
    refreshEndpoint: `${server.origin}/api/auth/refresh`,
  });
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

/** Waits until every answer that was sent has had its effect: an exchange with the server comes after it. */
export async function settled(page: Page): Promise<void> {
  await act(async () => {
    await page.client.forgotPassword("nobody@example.com").catch(() => {});
    await new Promise((resolve) => setImmediate(resolve));
  });
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
