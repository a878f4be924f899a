import { createAuthFetch } from "@bymax-one/python-auth/client";

const authFetch = createAuthFetch();

// A ticket opens one socket, and only once.
export async function open() {
  const answer = await authFetch(
    "/api/auth/ws-ticket", { method: "POST" },
  );
  const { ticket } = await answer.json();
  return new WebSocket(`/live?ticket=${ticket}`);
}
