import type { ReactNode } from "react";
import { Private } from "@/components/private";

export default function PrivateLayout({ children }: { children: ReactNode }) {
  return <Private>{children}</Private>;
}
