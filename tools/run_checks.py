"""
Runs every static check of the project and reports all that fail, not only the first.

Any `tools/generate_*.py` takes part by itself: called with `--check`, it must exit non-zero when the
committed file it writes is stale.
"""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


def checks() -> list[tuple[str, list[str]]]:
    """Each check's name and command, cheapest first."""
    python = sys.executable
    listed = [
        ("lint", [str(BIN / "ruff"), "check", "--quiet", "."]),
        ("format", [str(BIN / "ruff"), "format", "--check", "--quiet", "."]),
        ("sizes", [python, "tools/check_size.py"]),
        ("words", [python, "tools/check_words.py"]),
        ("ADR index", [python, "tools/check_adr_index.py"]),
        ("routes", [python, "tools/check_routes.py"]),
        ("invariants", [python, "tools/check_invariants.py"]),
        ("imports", [str(BIN / "lint-imports"), "--config", "pyproject.toml"]),
    ]
    listed += [
        (f"drift of {path.stem.removeprefix('generate_')}", [python, str(path), "--check"])
        for path in sorted((ROOT / "tools").glob("generate_*.py"))
    ]
    listed += [
        ("drift of TypeScript", [python, "-m", "bymax_auth.codegen.typescript", "--check"]),
        ("npm package", [python, "-m", "tools.npm_package", "check"]),
        ("mypy", [str(BIN / "mypy"), "--strict", "src", "benchmarks"]),
        ("pyright", [str(BIN / "pyright")]),
    ]
    return listed


def main() -> int:
    failed: list[str] = []
    for name, command in checks():
        started = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        verdict = "ok" if done.returncode == 0 else "FAILED"
        print(f"{name:<24} {verdict:<7} {time.monotonic() - started:5.1f} s", flush=True)
        if done.returncode != 0:
            failed.append(name)
            print(f"{done.stdout}{done.stderr}".rstrip(), flush=True)
    print(f"failed: {', '.join(failed)}" if failed else "every check passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
