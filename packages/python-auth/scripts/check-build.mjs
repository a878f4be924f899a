// Fails when a file that `package.json` exports, or imports by a name of its own, was not built.
import { existsSync, readFileSync } from "node:fs";

const { exports, imports } = JSON.parse(readFileSync("package.json", "utf8"));

const files = (target) => (typeof target === "string" ? [target] : Object.values(target).flatMap(files));
const missing = [exports, imports].flatMap(files).filter((file) => !existsSync(file));

if (missing.length > 0) {
  console.error(`not built: ${missing.join(", ")}`);
  process.exit(1);
}
