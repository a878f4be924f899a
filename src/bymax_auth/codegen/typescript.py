"""
Writes the wire contract as TypeScript: ``python -m bymax_auth.codegen.typescript [--check] [--out DIR]``.

With ``--check`` it writes nothing, shows what differs, and fails when a file is stale.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from difflib import unified_diff
from pathlib import Path
from typing import Final

from bymax_auth.codegen.constants import config_types, cookie_defaults, error_codes, routes
from bymax_auth.codegen.contract import ACCOUNTS, DECLARATIONS, ERRORS, FEATURES, RESULTS, TOKENS
from bymax_auth.codegen.declarations import BANNER, Declaration, declared, docstring
from bymax_auth.codegen.samples import fixtures

__all__ = ["main", "typescript_files"]

_OUT: Final = Path("packages/python-auth/src/shared")
_WRITTEN_BY_HAND: Final = {
    "auth-client-error.ts": ("AuthClientError", "type AuthResponseCode"),
    "proxy-routes.ts": ("AUTH_PROXY_ROUTES",),
    "refresh-skip.ts": ("AUTH_REFRESH_SKIP_PATH_SUFFIXES", "buildAuthRefreshSkipSuffixes"),
}
_NAMES: Final = {declaration.model.__name__: declaration.name for declaration in DECLARATIONS}

_ACCOUNT_IMPORT: Final = (
    'import type { AuthPlatformUserClient, AuthUserClient } from "./auth-user.types.ts";\n\n'
)
_PAYLOADS: Final = """
export type DashboardType = DashboardJwtPayload["type"];
export type PlatformType = PlatformJwtPayload["type"];
export type MfaTempType = MfaTempPayload["type"];
export type MfaContext = MfaTempPayload["context"];

/** The two kinds of accounts. */
export type AuthContextKind = MfaContext;

/** The claims of any token; `type` tells which. */
export type AuthJwtPayload = DashboardJwtPayload | PlatformJwtPayload | MfaTempPayload;
"""
_UNIONS: Final = """
/** A session, or a second factor to prove first. */
export type LoginResult = AuthResult | MfaChallengeResult;

/** A session of an administrator, or a second factor to prove first. */
export type PlatformLoginResult = PlatformAuthResult | MfaChallengeResult;
"""
_RESPONSE: Final = """
/** A refusal as the client reads it; `details` has the broken fields, or for how long to wait. */
export interface AuthErrorResponse {
  message: string;
  error: string;
  statusCode: number;
  code?: AuthResponseCode;
  details?: Record<string, unknown> | FieldError[] | null;
}
"""


def main(arguments: Sequence[str]) -> int:
    """Write or check the files; the exit code says whether they were right."""
    parser = argparse.ArgumentParser(prog="python -m bymax_auth.codegen.typescript", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is stale")
    parser.add_argument("--out", type=Path, default=_OUT, metavar="DIR", help=f"default: {_OUT}")
    options = parser.parse_args(arguments)
    stale = False
    for name, text in typescript_files().items():
        path = options.out / name
        if options.check:
            stale |= _differs(path, text)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8", newline="\n")
    return int(stale)


def typescript_files(declarations: Sequence[Declaration] = DECLARATIONS) -> dict[str, str]:
    """Return the text of each file by its name; `declarations` replace those of their names."""
    replaced = {declaration.name: declaration for declaration in declarations}
    names = _NAMES | {declaration.model.__name__: declaration.name for declaration in declarations}

    def types(listed: Iterable[Declaration]) -> str:
        return "\n".join(declared(replaced[each.name], names) for each in listed)

    files = {
        "auth-config.types.ts": config_types(),
        "auth-error.types.ts": 'import type { AuthResponseCode } from "./auth-client-error.ts";\n\n'
        + types(ERRORS)
        + _RESPONSE,
        "auth-result.types.ts": _ACCOUNT_IMPORT + types(RESULTS) + _UNIONS,
        "auth-user.types.ts": types(ACCOUNTS),
        "cookie-defaults.ts": cookie_defaults(),
        "error-codes.ts": error_codes(),
        "feature.types.ts": types(FEATURES),
        "jwt-payload.types.ts": types(TOKENS) + _PAYLOADS,
        "routes.ts": routes(),
    }
    files["index.ts"] = _barrel(files)
    imported = 'import type * as contract from "./index.ts";\n\n'
    files["wire-fixtures.generated.ts"] = imported + fixtures(DECLARATIONS)
    return {name: f"{BANNER}\n\n{text}" for name, text in sorted(files.items())}


def _barrel(files: dict[str, str]) -> str:
    exported = {name: _exported(text) for name, text in files.items()} | _WRITTEN_BY_HAND
    documentation = docstring("What both ends agree on: types, codes, paths and cookies.")
    return documentation + "".join(_re_export(name, names) for name, names in sorted(exported.items()))


def _re_export(module: str, names: Iterable[str]) -> str:
    listed = "".join(f"  {name},\n" for name in sorted(names))
    return f'export {{\n{listed}}} from "./{module}";\n'


def _exported(text: str) -> Iterable[str]:
    for line in text.splitlines():
        match line.split():
            case ["export", "const", name, *_]:
                yield name.rstrip(":")
            case ["export", "type" | "interface", name, *_]:
                yield f"type {name}"
            case _:
                pass


def _differs(path: Path, text: str) -> bool:
    written = path.read_text("utf-8") if path.exists() else ""
    if written == text:
        return False
    sys.stdout.writelines(
        unified_diff(
            written.splitlines(keepends=True),
            text.splitlines(keepends=True),
            f"{path} (committed)",
            f"{path}",
        )
    )
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
