// Prints what Vite's server makes of the vectors of a file, and what its build for browsers makes of the entry.
import { argv, stdout } from "node:process";
import { build, createServer } from "vite";

const quiet = { configFile: false, logLevel: "error" };
const server = { middlewareMode: true, ws: false, watch: null };

const judged = [];
// First as Node loads the package, then as a part of the server's own bundle.
for (const noExternal of [[], true]) {
  const vite = await createServer({ ...quiet, appType: "custom", server, ssr: { noExternal } });
  const { judge } = await vite.ssrLoadModule("./judge.mjs");
  judged.push(await judge(argv[2]));
  await vite.close();
}

const lib = { entry: "in_the_browser.mjs", formats: ["es"] };
const [{ output }] = await build({ ...quiet, build: { write: false, lib } });
const code = output.map((file) => file.code).join("");
const refusal = await import(`data:text/javascript,${encodeURIComponent(code)}`).catch(String);
stdout.write(JSON.stringify({ judged, code, refusal }));
