"use client";

import { createAuthClient } from "@bymax-one/python-auth/client";
import { AuthProvider } from "@bymax-one/python-auth/react";
import type { ReactNode } from "react";

const client = createAuthClient();

export function Providers({ children }: { children: ReactNode }) {
  return (
    <AuthProvider client={client} onSessionExpired={() => location.assign("/login?reason=expired")}>
      {children}
    </AuthProvider>
  );
}
