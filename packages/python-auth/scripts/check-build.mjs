// Fails when a file that `package.json` exports, or imports by a name of its own, was not built.
import { existsSync, readFileSync } from "node:fs";

const { exports, imports } = JSON.parse(readFileSync("package.json", "utf8"));

const files = (target) => (typeof target === "string" ? [target] : Object.values(target).flatMap(files));
const missing = [exports, imports].flatMap(files).filter((file) => !existsSync(file));

if (missing.length > 0) fail(`not built: ${missing.join(", ")}`);

// A server component may import what begins with the directive, and bundlers read it nowhere but there.
for (const file of files([exports["./react"], exports["./components"]]).filter((name) =>
  /\.[cm]js$/.test(name),
)) {
  const text = readFileSync(file, "utf8");
  if (!text.startsWith('"use client";')) fail(`${file} does not begin with "use client"`);
  if (text.includes("jsx-runtime")) fail(`${file} imports the JSX runtime`);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
