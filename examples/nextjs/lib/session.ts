import { createGetSession, type Session, SILENT_REFRESH_ROUTE } from "@bymax-one/python-auth/nextjs";
import { redirect } from "next/navigation";
import { auth } from "@/lib/auth";

export const getSession = createGetSession(auth);

/**
 * Who is signed in, for a page that needs somebody.
 *
 * The proxy has checked the token a moment ago. Should it expire in between, the browser refreshes it and comes
 * back: a page cannot, because it cannot set cookies.
 */
export async function requireSession(here: string): Promise<Session> {
  const session = await getSession();
  return session ?? redirect(`${SILENT_REFRESH_ROUTE}?redirect=${encodeURIComponent(here)}`);
}
