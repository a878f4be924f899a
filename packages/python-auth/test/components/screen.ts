import { type RenderResult, render, screen } from "@testing-library/react";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import axe from "axe-core";
import type { ReactNode } from "react";
import { expect } from "vitest";
import { type Page, until } from "../react/page.ts";

/** Shows a component within a provider, once the first question is answered. */
export async function shown(page: Page, component: ReactNode): Promise<UserEvent & { page: RenderResult }> {
  const element = page.element({ children: [page.beside(), component] });
  const rendered = render(element);
  await until(() => page.session.status !== "loading");
  return Object.assign(userEvent.setup(), { page: rendered });
}

export function field(label: string): HTMLInputElement {
  return screen.getByLabelText(label);
}

/** What a screen reader says of a field besides its label. */
export function description(label: string): string {
  const ids = field(label).getAttribute("aria-describedby")?.split(" ") ?? [];
  return ids.map((id) => document.getElementById(id)?.textContent).join(" ");
}

export function press(user: UserEvent, name: string): Promise<void> {
  return user.click(screen.getByRole("button", { name }));
}

export function said(role: "alert" | "status"): string {
  return screen.getByRole(role).textContent;
}

/** Fails when axe finds anything but what needs a layout, which there is none of here. */
export async function expectAccessible(): Promise<void> {
  const { violations } = await axe.run(document.body, {
    rules: {
      region: { enabled: false },
      "color-contrast": { enabled: false },
      "page-has-heading-one": { enabled: false },
    },
  });
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
}
