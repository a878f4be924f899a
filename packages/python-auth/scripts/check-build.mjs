// Fails when a file that `package.json` exports was not built.
import { existsSync, readFileSync } from "node:fs";

const { exports } = JSON.parse(readFileSync("package.json", "utf8"));

const files = (target) => (typeof target === "string" ? [target] : Object.values(target).flatMap(files));
const missing = files(exports).filter((file) => !existsSync(file));

if (missing.length > 0) {
  console.error(`not built: ${missing.join(", ")}`);
  process.exit(1);
}
