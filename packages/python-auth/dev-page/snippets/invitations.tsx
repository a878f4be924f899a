import { useInvitations } from "@bymax-one/python-auth/react";

export function Invite() {
  const { invite } = useInvitations();
  const send = (data: FormData) => invite({
    email: `${data.get("email")}`, role: "MEMBER",
  });
  return (
    <form action={send}>
      <input name="email" aria-label="Email" />
    </form>
  );
}
