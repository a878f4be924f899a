import type { Metadata } from "next";
import { SecondFactor } from "@/components/second-factor";
import { requireSession } from "@/lib/session";

export const metadata: Metadata = { title: "Security" };

export default async function Security() {
  await requireSession("/security");
  return <SecondFactor />;
}
