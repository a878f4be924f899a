import { type Context, createContext } from "react";
import type { SessionStore } from "./session-store.ts";

/** Carries the store, which never changes; the hooks read its state. */
export const AuthContext: Context<SessionStore | null> = createContext<SessionStore | null>(null);
