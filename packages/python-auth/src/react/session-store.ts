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
import { Observable } from "./observable.ts";
import { pauseSeconds } from "./pause-seconds.ts";
import { initialState, type SessionState, SIGNED_OUT } from "./session-state.ts";
import { openTabChannel, type TabMessage } from "./tab-channel.ts";

/** What the provider passes on with each render. */
export interface SessionOptions {
  readonly client: AuthClient;
  readonly onSessionExpired?: (() => void) | undefined;
  readonly defaultTenantId?: string | null | undefined;
}

/**
 * Why the server is asked who is signed in.
 *
 * The first answer of a page is no expiry; what another tab has told is not told again.
 */
type Cause = "first" | "tab" | "again";

/**
 * The session of one page: the state, what changes it, and who is told.
 *
 * Three rules decide, and live nowhere else.  A 401 ends the session; any other failure says nothing about it,
 * and only answers that it is not known.  A sign-in, a sign-out, and news of another tab begin a generation, and
 * a question of an earlier generation is not heard.  Questions of one generation share one request.
 */
export class SessionStore extends Observable<SessionState> {
  /** What the provider was last given. */
  options: SessionOptions;
  #generation = 0;
  /** That of the latest sign-out; one of two at once is not the sign-in that the other would have to ask about. */
  #leaving = 0;
  #asking: Promise<void> | undefined;
  #askedAt = 0;
  #silentUntil = 0;
  #shown = false;
  #next: Cause = "first";
  #concealed = false;
  #expiryUntold = false;
  #channel: BroadcastChannel | undefined;

  constructor(options: SessionOptions, initialUser: AuthUserClient | null | undefined) {
    super(initialState(initialUser));
    this.options = options;
  }

  /** Begins to show the session, and asks for it; the function returned ends it. */
  show(): () => void {
    this.#shown = true;
    if (this.#expiryUntold) void this.#tellOfExpiry();
    void this.#ask(this.#next);
    this.#next = "again";
    return () => {
      this.#shown = false;
    };
  }

  /** Listens to the other tabs, and tells them from now on; the function returned ends it. */
  joinTabs(): () => void {
    const channel = openTabChannel((message) => this.#hear(message));
    this.#channel = channel;
    return () => {
      this.#channel = undefined;
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
    if (this.getSnapshot().status !== "authenticated") return;
    this.become({ ...this.getSnapshot(), status: "loading", user: null });
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
    const input: LoginInput = { email, password, ...this.tenant(options?.tenantId) };
    const result = await this.options.client.login(input).catch(this.#failed);
    if ("user" in result) this.adopt(result.user);
    else this.#clear();
    return result;
  };

  readonly register = async (data: RegisterInput): Promise<AuthResult> => {
    const input: RegisterInput = { ...data, ...this.tenant(data.tenantId) };
    const result = await this.options.client.register(input).catch(this.#failed);
    await this.adoptNew(result);
    return result;
  };

  readonly logout = async (): Promise<void> => {
    // A question from before that is refused meanwhile is no expiry.
    this.#begin();
    this.#leaving = this.#generation;
    try {
      await this.options.client.logout();
    } finally {
      // After a sign-in meanwhile only the server knows whether its session or the end of the other one came last.
      if (this.#leaving === this.#generation) this.end("logout");
      else this.restore();
    }
  };

  readonly forgotPassword = async (email: string, tenantId?: string): Promise<void> =>
    this.options.client.forgotPassword(email, this.tenant(tenantId).tenantId);

  readonly resetPassword = async (input: ResetPasswordInput): Promise<void> =>
    this.options.client.resetPassword({ ...input, ...this.tenant(input.tenantId) });

  /** Takes over the session that a sign-in has opened. */
  adopt(user: AuthUserClient): void {
    this.#begin();
    this.#confirm(user);
    this.#tell("login");
  }

  /**
   * Takes over a new account, and its session if it has one.
   *
   * An account that waits for approval, or whose address must be verified first, has none.  With tokens in
   * cookies the answer looks the same, so the server is asked.
   */
  async adoptNew({ user, accessToken }: AuthResult): Promise<void> {
    if (accessToken || (user.emailVerified && user.status === "ACTIVE")) {
      this.adopt(user);
      return;
    }
    this.#begin();
    await this.refresh();
    if (this.getSnapshot().status === "authenticated") this.#tell("login");
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

  #confirm(user: AuthUserClient): void {
    this.#become({ status: "authenticated", user, lastValidation: new Date() });
  }

  #become(state: SessionState): void {
    this.#concealed = false;
    this.become(state);
  }

  #ask(cause: Cause): Promise<void> {
    this.#asking ??= this.#question(cause, this.#generation);
    return this.#asking;
  }

  async #question(cause: Cause, generation: number): Promise<void> {
    this.#askedAt = performance.now();
    let user: AuthUserClient | undefined;
    let refusal: unknown;
    try {
      user = await this.options.client.getMe();
    } catch (error) {
      refusal = error;
    }
    // Whoever waits for this question is told by the one that has replaced it.
    if (generation !== this.#generation) return this.#asking;
    this.#asking = undefined;
    if (user) this.#confirm(user);
    else this.#refused(refusal, cause);
  }

  #refused(error: unknown, cause: Cause): void {
    if (error instanceof AuthClientError && error.status === 401) {
      const expired = cause !== "first" && (this.getSnapshot().status === "authenticated" || this.#concealed);
      this.#become(SIGNED_OUT);
      if (!expired) return;
      if (cause === "again") this.#tell("expired");
      void this.#tellOfExpiry();
      return;
    }
    this.#silentUntil = performance.now() + pauseSeconds(error) * 1000;
    this.#leaveLoading();
  }

  #leaveLoading(): void {
    if (this.getSnapshot().status === "loading")
      this.#become({ ...this.getSnapshot(), status: "unauthenticated" });
  }

  readonly #failed = (error: unknown): never => {
    this.#leaveLoading();
    throw error;
  };

  /** Returns the member that names the tenant: the given one, or the provider's. */
  tenant(given: string | undefined): { tenantId?: string } {
    const tenantId = given ?? this.options.defaultTenantId;
    return tenantId == null ? {} : { tenantId };
  }

  /** Waits for `show` while the provider is hidden, or unmounted, where nobody is to be told. */
  async #tellOfExpiry(): Promise<void> {
    this.#expiryUntold = !this.#shown;
    if (this.#expiryUntold) return;
    try {
      await this.options.onSessionExpired?.();
    } catch (error) {
      console.warn("[python-auth] onSessionExpired callback threw:", error);
    }
  }

  #tell(type: TabMessage["type"]): void {
    this.#channel?.postMessage({ v: 1, type } satisfies TabMessage);
  }

  /** The messages of the clients, about refreshes, pass the same channel. */
  #hear(message: Partial<TabMessage> | null): void {
    const type = message?.v === 1 ? message.type : undefined;
    if (type === "logout") this.#clear();
    if (type === "login" || (type === "expired" && this.getSnapshot().status !== "unauthenticated")) {
      this.#begin();
      void this.#ask("tab");
    }
  }
}
