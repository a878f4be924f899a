import "./page.css";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { arrived, begin } from "./arrivals.ts";
import { arrive } from "./arrive.ts";
import { byId } from "./elements.ts";
import { Page } from "./page.tsx";

const done = begin();
flushSync(() => createRoot(byId("page")).render(<Page />));
// Last, because it scrolls: what is shown later above its place would move it.
await arrived(1);
await arrive();
done();
