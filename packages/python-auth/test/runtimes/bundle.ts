import { fileURLToPath } from "node:url";
import { type BuildResult, build, type Plugin } from "esbuild";

const root: string = fileURLToPath(new URL("../../", import.meta.url));

/** Bundles code that uses the built package, as the bundler of a platform with these conditions would. */
export async function bundle(
  code: string,
  conditions: readonly string[],
  importOfWasm: Plugin,
  platform: "browser" | "neutral" = "neutral",
): Promise<string> {
  const built: BuildResult<{ write: false }> = await build({
    stdin: { contents: code, resolveDir: root },
    bundle: true,
    format: "esm",
    platform,
    conditions: [...conditions],
    plugins: [importOfWasm],
    external: ["vectors"],
    // Whoever installs the package does not have the paths of its source.
    tsconfigRaw: {},
    write: false,
  });
  return built.outputFiles.map(({ text }) => text).join("");
}

/** Leaves the module to the runtime, under a name of the platform's. */
export function external(name: string): Plugin {
  return {
    name: "wasm-is-external",
    setup(given) {
      given.onResolve({ filter: /\.wasm\?module$/ }, () => ({ path: name, external: true }));
    },
  };
}

/** Replaces the import by an expression. */
export function expression(code: string): Plugin {
  return {
    name: "wasm-is-given",
    setup(given) {
      given.onResolve({ filter: /\.wasm\?module$/ }, ({ path }) => ({ path, namespace: "given" }));
      given.onLoad({ filter: /.*/, namespace: "given" }, () => ({ contents: `export default ${code};` }));
    },
  };
}

/** Code that judges every vector, and gives the names of those that it judges otherwise. */
export const judgeVectors: string = `
  import { verifyJwtToken } from "@bymax-one/python-auth/edge";

  export async function misjudged(vectors) {
    const wrong = [];
    let judged = 0;
    for (const vector of vectors) {
      const { token, secret, issuer, audience, expectedType, now, previousSecrets } = vector;
      if (vector.expLeeway !== 0 || vector.iatLeeway !== 60) continue;
      const binding = { issuer, audience };
      const found = await verifyJwtToken(token, secret, binding, expectedType, { now, previousSecrets });
      const signed = vector.verdict === "valid" || vector.reason === "expired";
      if (found.isValid !== (vector.verdict === "valid") || found.signatureVerified !== signed) wrong.push(vector.name);
      judged += 1;
    }
    return { wrong, judged };
  }
`;
