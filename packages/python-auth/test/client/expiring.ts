import { type Gate, gate } from "../gate.ts";
import { EXPIRED, type Received, type Reply, type Served, serving } from "../serving.ts";

/** A server whose access token is expired until a refresh succeeds. */
export interface Expiring extends Served {
  /** Lets the access token expire again. */
  expire(): void;
}

interface Options {
  /** Answers a refresh in place of the server. */
  readonly refresh?: (request: Received) => Reply | Promise<Reply>;
  /** Answers a request whose token is expired in place of the server. */
  readonly refused?: (request: Received) => Reply | Promise<Reply>;
}

export const REFRESH = "/refresh-here";

export async function expiring({ refresh, refused }: Options = {}): Promise<Expiring> {
  let isFresh = false;
  const served = await serving(async (request) => {
    if (request.path !== REFRESH) {
      if (isFresh) return { json: { at: request.path, body: request.body } };
      return refused === undefined ? EXPIRED : refused(request);
    }
    const reply = refresh === undefined ? { status: 204 } : await refresh(request);
    isFresh = (reply.status ?? 200) < 300;
    return reply;
  });
  const expire = (): void => {
    isFresh = false;
  };
  return { ...served, expire };
}

/** A refresh that says when it has been asked for, and waits before it is answered. */
export interface HeldRefresh {
  readonly asked: Gate;
  readonly answered: Gate;
  refresh(): Promise<Reply>;
}

export function heldRefresh(status: number): HeldRefresh {
  const asked = gate();
  const answered = gate();
  const refresh = async () => {
    asked.open();
    await answered.opened;
    return { status };
  };
  return { asked, answered, refresh };
}
