import { resolveSafeDestination } from "@bymax-one/python-auth/nextjs";
import type { Metadata } from "next";
import { Login } from "@/components/login";

export const metadata: Metadata = { title: "Sign in" };

const NOTICES: Readonly<Record<string, string>> = {
  expired: "Your session has ended. Sign in again.",
  unavailable: "The server could not be reached just now. Try again.",
  forbidden: "Your account may not open that page.",
};

/** Whoever wrote the link to this page chose the destination, so it is made one of this site. */
export default async function LoginPage({ searchParams }: PageProps<"/login">) {
  const { redirectTo, reason, verified } = await searchParams;
  const wanted = typeof redirectTo === "string" ? redirectTo : null;
  const destination = resolveSafeDestination(wanted, "http://localhost", "/dashboard");
  const notice = verified === "1" ? "Your address is verified." : NOTICES[String(reason)];
  return <Login destination={destination} notice={notice} />;
}
