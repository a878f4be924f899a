import type { Metadata } from "next";
import { Verify } from "@/components/verify";

export const metadata: Metadata = { title: "Verify your address" };

export default function VerifyPage() {
  return <Verify />;
}
