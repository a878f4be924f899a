"""The check for route names finds them where they do not belong, and passes on the project itself."""

import subprocess
import sys
from pathlib import Path

CHECK = Path(__file__).resolve().parents[2] / "tools" / "check_routes.py"


def run(*arguments: str) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, str(CHECK), *arguments], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr.splitlines()


def in_tree(root: Path, texts: dict[str, str]) -> tuple[int, list[str]]:
    for name, text in texts.items():
        path = root / "src" / "bymax_auth" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return run(str(root))


def test_a_route_that_is_known_by_name_is_refused(tmp_path: Path) -> None:
    code, lines = in_tree(
        tmp_path,
        {
            "http/a.py": 'if spec.name == "login":\n    pass\n',
            "http/b.py": 'SPECIAL = {"logout": 1}\n',
            "http/c.py": 'ADVICE = f"POST {prefix}/sessions/revoke-all"\n',
        },
    )
    assert code == 1
    assert [line.partition(": ")[2] for line in lines] == [
        "'login' is the name of a route",
        "'logout' is the name of a route",
        "'/sessions/revoke-all' holds the path of a route",
    ]


def test_the_table_itself_and_texts_for_people_pass(tmp_path: Path) -> None:
    texts = {
        "http/routes/auth.py": 'NAME = "login"\n',
        "http/guards.py": '"""Not /login."""\n__all__ = ["login"]\n',
        "flows/login.py": 'ORIGIN = "login"\n',
    }
    assert in_tree(tmp_path, texts) == (0, [])


def test_the_project_passes() -> None:
    assert run() == (0, [])
