import { createAuthClient } from "@bymax-one/python-auth/client";
import { SignIn } from "@bymax-one/python-auth/components";
import { AuthProvider, useSession } from "@bymax-one/python-auth/react";

const client = createAuthClient();

function Home() {
  const { user } = useSession();
  return user ? <b>{user.name}</b> : <SignIn />;
}

export const App = () => (
  <AuthProvider client={client}>
    <Home />
  </AuthProvider>
);
