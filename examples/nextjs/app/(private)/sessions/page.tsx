import { SessionList } from "@bymax-one/python-auth/components";
import type { Metadata } from "next";
import { looks } from "@/components/looks";
import { requireSession } from "@/lib/session";

export const metadata: Metadata = { title: "Sessions" };

export default async function Sessions() {
  await requireSession("/sessions");
  return (
    <>
      <h1>Sessions</h1>
      <SessionList classNames={looks} />
    </>
  );
}
