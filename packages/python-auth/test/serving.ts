import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** A request as the server received it. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string | undefined>;
  readonly body: string;
}

/** What the server answers: JSON, or text as it is; or the handler writes the response itself. */
export interface Reply {
  readonly status?: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Record<string, string>;
}

export interface Served {
  readonly url: string;
  /** Every request so far, in their order. */
  readonly received: Received[];
  /** How many requests a path had. */
  count(path: string): number;
}

type Handler = (
  request: Received,
  response: ServerResponse,
) => Reply | undefined | Promise<Reply | undefined>;

/** Serves HTTP on a free port until the test ends. */
export async function serving(handler: Handler): Promise<Served> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const { method = "", url = "", headers } = request;
    const seen = { method, path: url, headers: headers as Received["headers"], body };
    received.push(seen);
    // `fetch` waits on a timer before it uses a connection again, and the clock may be stopped.
    response.setHeader("connection", "close");
    const reply = await handler(seen, response);
    if (reply === undefined) return;
    const { status = 200, json, text = json === undefined ? "" : JSON.stringify(json) } = reply;
    response.writeHead(status, reply.headers).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, received, count: (path) => received.filter((seen) => seen.path === path).length };
}

/** Returns a refusal in the server's envelope. */
export function refusal(status: number, code: string, details: unknown = null): Reply {
  return { status, json: { error: { code, message: `refused: ${code}`, details } } };
}

/** The refusal that an expired access token gets. */
export const EXPIRED: Reply = refusal(401, "auth.token_invalid");
