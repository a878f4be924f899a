import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const API = process.env.API_URL ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react()],
  // The pages and the API have one origin, as behind the proxy of a deployment.
  server: { proxy: { "/api": API, "/auth": API } },
});
