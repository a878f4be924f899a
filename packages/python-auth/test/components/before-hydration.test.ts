// @vitest-environment jsdom
import { SignIn } from "@bymax-one/python-auth/components";
import { act } from "@testing-library/react";
import { createElement } from "react";
import { hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { expect, test, vi } from "vitest";
import { usePage } from "../react/page.ts";

const page = usePage();

test("a form takes no password before scripts can keep it out of the address", async () => {
  const element = () => page().element({ initialUser: null, children: createElement(SignIn) });
  const container = document.createElement("div");
  container.innerHTML = renderToString(element());
  const form = container.querySelector("form");
  expect(form).toMatchObject({ method: "post" });
  expect(form?.hasAttribute("inert")).toBe(true);
  const mismatch = vi.fn();
  const root = await act(() => hydrateRoot(container, element(), { onRecoverableError: mismatch }));
  expect(container.querySelector("form")?.hasAttribute("inert")).toBe(false);
  expect(mismatch).not.toHaveBeenCalled();
  act(() => root.unmount());
});
