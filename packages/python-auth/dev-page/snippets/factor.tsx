import { useMfa } from "@bymax-one/python-auth/react";
import { useState } from "react";

export function Enrol() {
  const { setup, enable } = useMfa();
  const [secret, setSecret] = useState<string>();
  if (secret) return (
    <form action={(d) => enable(`${d.get("code")}`)}>
      {secret} <input name="code" aria-label="Code" />
    </form>
  );
  const begin = async () =>
    setSecret((await setup()).secret);
  return <button onClick={begin}>Add</button>;
}
