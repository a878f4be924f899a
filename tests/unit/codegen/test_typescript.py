"""The wire contract as TypeScript; the compiler's word on it is with the tests of the npm package."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import Field, create_model

from bymax_auth.codegen.declarations import Declaration, declared
from bymax_auth.codegen.typescript import main
from bymax_auth.http.routes import ROUTES
from bymax_auth.types.wire import WireModel

SHARED = Path(__file__).parents[3] / "packages" / "python-auth" / "src" / "shared"


def test_the_written_contract_is_that_of_the_models(capsys: pytest.CaptureFixture[str]) -> None:
    """Types that are older than the server would let a client read what is not there."""
    assert main(["--check", "--out", str(SHARED)]) == 0, capsys.readouterr().out


def test_a_stale_file_is_shown_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever changes a model is told what changes for clients."""
    assert main(["--out", str(tmp_path)]) == 0
    assert main(["--out", str(tmp_path), "--check"]) == 0
    stale = tmp_path / "auth-user.types.ts"
    stale.write_text(stale.read_text("utf-8").replace("tenantId", "tenant"), "utf-8")
    (tmp_path / "routes.ts").unlink()
    assert main(["--out", str(tmp_path), "--check"]) == 1
    shown = capsys.readouterr().out
    assert "-  tenant: string;\n+  tenantId: string;\n" in shown
    assert '+export const AUTH_ROUTE_PREFIX = "auth";\n' in shown
    assert b"\r" not in stale.read_bytes()


def test_every_route_with_a_name_is_in_the_written_paths() -> None:
    """A path that only the server knows is one that clients write by hand, and wrong."""
    written = (SHARED / "routes.ts").read_text("utf-8")
    missing = [spec.path for spec in ROUTES if spec.key and f'{spec.key}: "/auth{spec.path}"' not in written]
    missing += [
        spec.path
        for spec in ROUTES
        if spec.member and f'  {spec.member}: "{relative(spec.path)}"' not in written
    ]
    assert missing == []


def relative(path: str) -> str:
    return path[1:].replace("{", ":").replace("}", "")


@pytest.mark.parametrize(
    ("annotation", "written"),
    [
        (int | None, "number | null"),
        (tuple[str, ...], "string[]"),
        (list[int | None], "(number | null)[]"),
        (dict[str, int], "Record<string, unknown>"),
        (float, "number"),
    ],
)
def test_types_are_written_as_json_has_them(annotation: Any, written: str) -> None:
    """A client reads what the serialiser writes."""
    assert f"  value: {written};\n" in declared(Declaration(name="Sample", model=a_model(annotation)), {})


def test_what_python_says_about_a_field_is_said_in_typescript() -> None:
    """An editor shows it to whoever writes the front end."""
    model = create_model("Sample", __base__=WireModel, value=(int, Field(description="In seconds.")))
    assert "  /** In seconds. */\n  value: number;\n" in declared(Declaration(name="Sample", model=model), {})


def test_a_type_without_a_counterpart_is_refused() -> None:
    """A guess would be a wrong type in every application."""
    with pytest.raises(TypeError, match="no TypeScript type for"):
        declared(Declaration(name="Sample", model=a_model(Any)), {})


def a_model(annotation: Any) -> type[WireModel]:
    return create_model("Sample", __base__=WireModel, value=(annotation, Field()))
