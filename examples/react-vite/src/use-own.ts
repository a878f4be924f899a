import { useSession } from "@bymax-one/python-auth/react";
import { useCallback, useEffect, useState } from "react";
import { authFetch } from "./client.ts";

interface Own<T> {
  content?: T;
  /** The code of the server's refusal; `""` where there was none. */
  refusal?: string;
}

/** Returns what an address of the API answers, and what sends something there. */
export function useOwn<T>(path: string): Own<T> & { post(body: object): Promise<boolean> } {
  const [own, setOwn] = useState<Own<T>>({});
  const { refresh } = useSession();

  const ask = useCallback(
    async (init: RequestInit): Promise<Own<T>> => {
      try {
        const response = await authFetch(path, init);
        const body = await response.json();
        if (response.ok) return { content: body as T };
        // The session has ended: the provider asks for it, and sends the person to sign in.
        if (response.status === 401) void refresh();
        return { refusal: body.error?.code ?? "" };
      } catch {
        return init.signal?.aborted === true ? {} : { refusal: "" };
      }
    },
    [path, refresh],
  );

  useEffect(() => {
    const leaving = new AbortController();
    void ask({ signal: leaving.signal }).then((answer) => {
      if (!leaving.signal.aborted) setOwn(answer);
    });
    return () => leaving.abort();
  }, [ask]);

  async function post(body: object): Promise<boolean> {
    const answer = await ask({ method: "POST", body: JSON.stringify(body) });
    setOwn((before) => ({ ...before, refusal: undefined, ...answer }) as Own<T>);
    return answer.content !== undefined;
  }

  return { ...own, post };
}
