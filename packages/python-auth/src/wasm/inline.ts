import { bytes } from "./bytes.ts";

/** Compiles the verifier from text: where a `.wasm` file cannot be imported alike by Node and every bundler. */
export function loadVerifier(): WebAssembly.Module {
  return new WebAssembly.Module(Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0)));
}
