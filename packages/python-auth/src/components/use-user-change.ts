import { useSession } from "@bymax-one/python-auth/react";
import { useEffect, useRef } from "react";

/**
 * Calls back when the page learns that another user is signed in than before, or nobody any more.
 *
 * The first answer of the server changes nothing, and neither does a question without an answer.
 */
export function useUserChange(changed: (userId: string | null) => void): void {
  const { user, isLoading, lastValidation } = useSession();
  const userId = user?.id ?? null;
  // A sign-out also forgets when the session was confirmed; a question without an answer hides the user alone.
  const isUnknown = isLoading || (user === null && lastValidation !== null);
  const known = useRef<string | null>(undefined);
  useEffect(() => {
    if (isUnknown) return;
    const isOther = known.current !== undefined && known.current !== userId;
    known.current = userId;
    if (isOther) changed(userId);
  });
}
