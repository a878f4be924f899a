import { createAuthClient } from "@bymax-one/python-auth/client";
import { AuthProvider } from "@bymax-one/python-auth/react";
import type { ReactNode } from "react";

const client = createAuthClient();
const leave = () => location.assign("/sign-in");
type Props = { children: ReactNode };

// Tabs share one refresh; when the login ends,
// every tab is told.
export const Session = (props: Props) => (
  <AuthProvider {...props} client={client}
    onSessionExpired={leave} />
);
