import type {
  AuthClient,
  LoginInput,
  RegisterInput,
  ResetPasswordInput,
} from "@bymax-one/python-auth/client";
import {
  AuthClientError,
  type AuthResult,
  type AuthUserClient,
  type LoginResult,
} from "@bymax-one/python-auth/shared";
import { retryAfterSeconds } from "./retry-after.ts";
import { initialState, type SessionState, SIGNED_OUT } from "./session-state.ts";
import { listenToTabs, openTabChannel, type TabMessage, tellTabs } from "./tab-channel.ts";

/** What the provider passes on with each render. */
export interface SessionOptions {
  readonly client: AuthClient;
  readonly onSessionExpired: (() => void) | undefined;
  readonly defaultTenantId: string | null;
}

/**
 * Why the server is asked who is signed in.
 *
 * The first answer of a page is no expiry; what another tab has told is not told again.
 */
type Cause = "first" | "tab" | "again";

const LONGEST_PAUSE_SECONDS = 60;

/**
 * The session of one page: the state, what changes it, and who is told.
 *
 * Three rules decide, and live nowhere else.  A 401 ends the session; any other failure says nothing about it,
 * and only answers that it is not known.  A sign-in, a sign-out, and news of another tab begin a generation, and
 * a question of an earlier generation is not heard.  Questions of one generation share one request.
 */
export class SessionStore {
  readonly #initial: SessionState;
  #state: SessionState;
  #options: SessionOptions;
  readonly #listeners = new Set<() => void>();
  #generation = 0;
  #asking: Promise<void> | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  #silentUntil = 0;
  #shown = false;
  #started = false;
  #concealed = false;
  #expiryUntold = false;
  #channel: BroadcastChannel | null = null;

  constructor(options: SessionOptions, initialUser: AuthUserClient | null | undefined) {
    this.#options = options;
    this.#initial = this.#state = initialState(initialUser);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getSnapshot = (): SessionState => this.#state;

  /** What the server rendered, so that the first render in the browser is the same. */
  readonly getServerSnapshot = (): SessionState => this.#initial;

  /** The client that the provider was last given. */
  get client(): AuthClient {
    return this.#options.client;
  }

  /** The tenant that is sent when a call names none; `null` sends none. */
  get defaultTenantId(): string | null {
    return this.#options.defaultTenantId;
  }

  /** Uses these from now on. */
  configure(options: SessionOptions): void {
    this.#options = options;
  }

  /** Begins to show the session, and asks for it; the function returned ends it. */
  show(): () => void {
    this.#shown = true;
    if (this.#expiryUntold) this.#tellOfExpiry();
    void this.#ask(this.#started ? "again" : "first");
    this.#started = true;
    return () => {
      this.#shown = false;
    };
  }

  /** Listens to the other tabs, and tells them from now on; the function returned ends it. */
  joinTabs(): () => void {
    const channel = openTabChannel();
    this.#channel = channel;
    if (channel !== null) listenToTabs(channel, (message) => this.#hear(message));
    return () => {
      this.#channel = null;
      channel?.close();
    };
  }

  /** Asks the server who is signed in; never rejects. */
  readonly refresh = (): Promise<void> => this.#ask("again");

  /** Asks again, unless the server has said to wait, or the last question is younger than `minAgeMs`. */
  revalidate(minAgeMs = 0): void {
    const now = performance.now();
    if (now >= this.#silentUntil && now - this.#askedAt >= minAgeMs) void this.refresh();
  }

  /** Hides who is signed in until the server has been asked again. */
  conceal(): void {
    if (this.#state.status !== "authenticated") return;
    this.#become({ ...this.#state, status: "loading", user: null });
    this.#concealed = true;
  }

  /** Reads the session again after the page was kept in the back/forward cache. */
  restore(): void {
    this.conceal();
    this.#begin();
    void this.refresh();
  }

  readonly login = async (
    email: string,
    password: string,
    options?: { tenantId?: string },
  ): Promise<LoginResult> => {
    const input: LoginInput = { email, password, ...this.#tenant(options?.tenantId) };
    const result = await this.#trying(() => this.client.login(input));
    if ("mfaRequired" in result) this.#clear();
    else this.adopt(result.user);
    return result;
  };

  readonly register = async (data: RegisterInput): Promise<AuthResult> => {
    const input: RegisterInput = { ...data, ...this.#tenant(data.tenantId) };
    const result = await this.#trying(() => this.client.register(input));
    await this.adoptNew(result);
    return result;
  };

  readonly logout = async (): Promise<void> => {
    try {
      await this.client.logout();
    } finally {
      this.end("logout");
    }
  };

  readonly forgotPassword = async (email: string, tenantId?: string): Promise<void> =>
    this.client.forgotPassword(email, tenantId ?? this.defaultTenantId ?? undefined);

  readonly resetPassword = async (input: ResetPasswordInput): Promise<void> =>
    this.client.resetPassword({ ...input, ...this.#tenant(input.tenantId) });

  /** Takes over the session that a sign-in has opened. */
  adopt(user: AuthUserClient): void {
    this.#begin();
    this.#become({ status: "authenticated", user, lastValidation: new Date() });
    this.#tell("login");
  }

  /**
   * Takes over a new account, and its session if it has one.
   *
   * An account that waits for approval, or whose address must be verified first, has none.  With tokens in
   * cookies the answer looks the same, so the server is asked.
   */
  async adoptNew({ user, accessToken }: AuthResult): Promise<void> {
    if (accessToken !== "" || (user.emailVerified && user.status.toUpperCase() === "ACTIVE")) {
      this.adopt(user);
      return;
    }
    this.#begin();
    await this.refresh();
    if (this.#state.status === "authenticated") this.#tell("login");
  }

  /** Signs out here, without a call of `onSessionExpired`, and tells the other tabs. */
  end(told: "logout" | "expired"): void {
    this.#clear();
    this.#tell(told);
  }

  #clear(): void {
    this.#begin();
    this.#become(SIGNED_OUT);
  }

  #begin(): void {
    this.#generation += 1;
    this.#asking = undefined;
    this.#silentUntil = 0;
  }

  #become(state: SessionState): void {
    this.#state = state;
    this.#concealed = false;
    for (const listener of this.#listeners) listener();
  }

  #ask(cause: Cause): Promise<void> {
    this.#asking ??= this.#question(cause, this.#generation);
    return this.#asking;
  }

  async #question(cause: Cause, generation: number): Promise<void> {
    this.#askedAt = performance.now();
    let answered: () => void;
    try {
      const user = await this.client.getMe();
      answered = () => this.#become({ status: "authenticated", user, lastValidation: new Date() });
    } catch (error) {
      answered = () => this.#refused(error, cause);
    }
    if (generation !== this.#generation) return;
    this.#asking = undefined;
    answered();
  }

  #refused(error: unknown, cause: Cause): void {
    if (error instanceof AuthClientError && error.status === 401) {
      const expired = cause !== "first" && (this.#state.status === "authenticated" || this.#concealed);
      this.#become(SIGNED_OUT);
      if (!expired) return;
      if (cause === "again") this.#tell("expired");
      this.#tellOfExpiry();
      return;
    }
    const pause = Math.min(retryAfterSeconds(error) ?? 0, LONGEST_PAUSE_SECONDS);
    this.#silentUntil = performance.now() + pause * 1000;
    this.#leaveLoading();
  }

  #leaveLoading(): void {
    if (this.#state.status === "loading") this.#become({ ...this.#state, status: "unauthenticated" });
  }

  async #trying<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      this.#leaveLoading();
      throw error;
    }
  }

  #tenant(given: string | undefined): { tenantId?: string } {
    const tenantId = given ?? this.defaultTenantId;
    return tenantId === null ? {} : { tenantId };
  }

  /** Waits for `show` while the provider is hidden, or unmounted, where nobody is to be told. */
  #tellOfExpiry(): void {
    this.#expiryUntold = !this.#shown;
    if (this.#expiryUntold) return;
    const warn = (thrown: unknown): void =>
      console.warn("[python-auth] onSessionExpired callback threw:", thrown);
    new Promise((resolve) => resolve(this.#options.onSessionExpired?.())).catch(warn);
  }

  #tell(message: TabMessage): void {
    if (this.#channel !== null) tellTabs(this.#channel, message);
  }

  #hear(message: TabMessage): void {
    if (message === "logout") {
      this.#clear();
    } else if (message === "login" || this.#state.status !== "unauthenticated") {
      this.#begin();
      void this.#ask("tab");
    }
  }
}
