import { useSession } from "@bymax-one/python-auth/react";

// What is shown; the server decides what may be.
export function Reports() {
  const { user } = useSession();
  return user?.role === "ADMIN" && (
    <a href="/reports">Reports</a>
  );
}
