import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { AuthUserClient } from "@bymax-one/python-auth/shared";

export const ADA: AuthUserClient = {
  id: "u_1",
  email: "ada@example.com",
  name: "Ada",
  role: "member",
  status: "ACTIVE",
  tenantId: "acme",
  emailVerified: true,
  mfaEnabled: false,
  lastLoginAt: null,
  createdAt: "2026-01-01T00:00:00Z",
};

export const GRACE: AuthUserClient = { ...ADA, id: "u_2", email: "grace@example.com", name: "Grace" };

export interface Received {
  method: string;
  path: string;
  body: unknown;
}

type Answer = (response: ServerResponse, received: Received) => void | Promise<void>;

/** A server of one browser's session, over real sockets: who is signed in is `user`. */
export class AuthServer {
  user: AuthUserClient | null = null;
  readonly received: Received[] = [];
  /** How many requests have arrived whose answers are held back. */
  heldBack = 0;
  readonly #answers = new Map<string, Answer>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      let text = "";
      request.on("data", (part) => {
        text += part;
      });
      request.on("end", () => {
        const body: unknown = text === "" ? undefined : JSON.parse(text);
        const path = (request.url ?? "").replace(/^\/api\/auth\//, "");
        const received = { method: request.method ?? "", path, body };
        this.received.push(received);
        const answer = this.#answers.get(`${received.method} ${path}`) ?? refuse(404, "auth.forbidden");
        void answer(response, received);
      });
    });
    this.on("GET me", (response) =>
      this.user === null ? refuse(401, "auth.token_missing")(response) : reply(200, this.user)(response),
    );
    this.on("POST login", (response) => {
      this.user = ADA;
      reply(200, { user: ADA })(response);
    });
    this.on("POST register", (response) => {
      this.user = GRACE;
      reply(201, { user: GRACE })(response);
    });
    this.on("POST logout", (response) => {
      this.user = null;
      reply(204)(response);
    });
  }

  static async start(): Promise<AuthServer> {
    const started = new AuthServer();
    await new Promise<void>((resolve) => {
      started.#server.listen(0, "127.0.0.1", resolve);
    });
    return started;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Answers a route, as `POST login`, in this way from now on. */
  on(route: string, answer: (response: ServerResponse, received: Received) => void | Promise<void>): void {
    this.#answers.set(route, answer);
  }

  /** Keeps the answers of a route back until the function returned is called. */
  hold(route: string): () => void {
    const answer = this.#answers.get(route);
    if (answer === undefined) throw new Error(`No answer for ${route}`);
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.on(route, async (response, received) => {
      this.heldBack += 1;
      await held;
      this.heldBack -= 1;
      await answer(response, received);
    });
    return () => {
      this.on(route, answer);
      release();
    };
  }

  /** Returns how often a route was called. */
  count(route: string): number {
    return this.received.filter(({ method, path }) => `${method} ${path}` === route).length;
  }

  /** Returns the body of the last call of a route. */
  bodyOf(route: string): unknown {
    return this.received.findLast(({ method, path }) => `${method} ${path}` === route)?.body;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }
}

export function reply(status: number, body?: unknown): (response: ServerResponse) => void {
  return (response) => {
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };
}

export function refuse(status: number, code: string, details?: unknown): (response: ServerResponse) => void {
  return reply(status, { error: { code, message: `Refused: ${code}`, details: details ?? null } });
}

/** Ends the connection without an answer. */
export function hangUp(response: ServerResponse): void {
  response.destroy();
}
