// Isolates at the edge refuse to compile code, and import a `.wasm` file as a module that is compiled already.
import verifier from "../../wasm/verifier.wasm?module";

export function loadVerifier(): WebAssembly.Module {
  return verifier;
}
