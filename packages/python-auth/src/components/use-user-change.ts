import { useSession } from "@bymax-one/python-auth/react";
import { useEffect, useRef } from "react";

/**
 * Calls back when the page learns that another user is signed in than before, or nobody any more.
 *
 * The first answer of the server changes nothing, and neither does a question whose answer is awaited.
 */
export function useUserChange(changed: (userId: string | null) => void): void {
  const { user, isLoading } = useSession();
  const userId = user?.id ?? null;
  const known = useRef<string | null>(undefined);
  useEffect(() => {
    if (isLoading) return;
    const isOther = known.current !== undefined && known.current !== userId;
    known.current = userId;
    if (isOther) changed(userId);
  });
}
