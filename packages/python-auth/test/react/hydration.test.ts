// @vitest-environment jsdom
import { act } from "@testing-library/react";
import { hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { expect, test, vi } from "vitest";
import { ADA } from "./auth-server.ts";
import { until, usePage } from "./page.ts";

const page = usePage();

test.each([
  [undefined, "loading"],
  [ADA, "Ada"],
])("a page rendered for %j is taken over as it is", async (initialUser, text) => {
  page().server.user = { ...ADA, name: "Ada L." };
  const props = initialUser === undefined ? {} : { initialUser };
  const container = document.createElement("div");
  container.innerHTML = renderToString(page().element(props));
  expect(container.textContent).toBe(text);
  const mismatch = vi.fn();
  const root = await act(() =>
    hydrateRoot(container, page().element(props), { onRecoverableError: mismatch }),
  );
  await until(() => container.textContent === "Ada L.");
  expect(mismatch).not.toHaveBeenCalled();
  act(() => root.unmount());
});
