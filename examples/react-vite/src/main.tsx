import { AuthProvider } from "@bymax-one/python-auth/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { client } from "./client.ts";
import { goTo } from "./navigation.ts";
import "./styles.css";

function askToSignInAgain(): void {
  goTo(`/sign-in?because=expired&next=${encodeURIComponent(location.pathname)}`, { replace: true });
}

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element with the id root");

createRoot(root).render(
  <StrictMode>
    <AuthProvider client={client} onSessionExpired={askToSignInAgain}>
      <App />
    </AuthProvider>
  </StrictMode>,
);
