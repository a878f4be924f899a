// Packs the package, and asks publint and Are The Types Wrong about the file that would be published.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// npm tells its scripts where it is itself; one that is a script is run by this Node.
const npm = process.env.npm_execpath ?? "npm";
const packing = npm.endsWith(".js") ? [process.execPath, npm] : [npm];
const tool = (path) => [process.execPath, join("node_modules", path)];

const folder = mkdtempSync(join(tmpdir(), "python-auth-pack-"));
try {
  run([...packing, "pack", "--silent", "--ignore-scripts", "--pack-destination", folder]);
  const tarball = join(folder, readdirSync(folder)[0]);
  run([...tool("publint/src/cli.js"), "--strict", tarball]);
  run([...tool("@arethetypeswrong/cli/dist/index.js"), "--profile", "strict", "--quiet", tarball]);
} finally {
  rmSync(folder, { recursive: true });
}

function run([command, ...given]) {
  const done = spawnSync(command, given, { stdio: "inherit" });
  if (done.status !== 0) process.exitCode = 1;
}
