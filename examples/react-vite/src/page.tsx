import { type ReactNode, useEffect, useRef } from "react";

interface PageProps {
  title: string;
  children: ReactNode;
}

let isFirst = true;

/** A page with its title; one that follows another takes the focus, so that a screen reader says so. */
export function Page({ title, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Notebook`;
    if (!isFirst) heading.current?.focus();
    isFirst = false;
  }, [title]);
  return (
    <main>
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </main>
  );
}
