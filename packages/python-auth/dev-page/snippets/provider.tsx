import { useOAuth } from "@bymax-one/python-auth/react";

export function Provider() {
  const { signInUrl, identities } = useOAuth();
  return identities ? (
    <p>{identities.length} linked</p>
  ) : (
    <a href={signInUrl("google")}>
      Continue with Google
    </a>
  );
}
