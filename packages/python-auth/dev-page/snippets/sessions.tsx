import { SessionList } from "@bymax-one/python-auth/components";
import { useSessions } from "@bymax-one/python-auth/react";

// The list, with its texts and buttons ...
export const Devices = () => (
  <SessionList locale="pt" />
);

// ... or what it is made of.
export function EndOthers() {
  const { revokeOthers } = useSessions();
  return (
    <button onClick={revokeOthers}>
      End the others
    </button>
  );
}
