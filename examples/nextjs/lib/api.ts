import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { api } from "@/lib/auth";

const PATIENCE_MS = 5_000;

/**
 * Asks the server in Python on behalf of the person who is signed in; null when it cannot be reached.
 *
 * It decides anew who this is: a session that was ended opens a page until its token expires, and nothing here.
 */
export async function ask<T>(path: string): Promise<T | null> {
  const cookie = (await headers()).get("cookie") ?? "";
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const answer = await fetch(`${api.apiBase}${path}`, {
    headers: { cookie },
    cache: "no-store",
    signal,
  }).catch(() => null);
  if (answer?.status === 401) redirect("/login?reason=expired");
  return answer?.ok ? await answer.json() : null;
}
