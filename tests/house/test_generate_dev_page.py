"""The committed page of `bymax-auth dev` is what its source builds, on every machine."""

import shutil
from pathlib import Path

import pytest

from tools.generate_dev_page import ROOT, WEB, build, stale

pytestmark = [pytest.mark.processes, pytest.mark.slow]


def test_the_committed_page_is_what_its_source_builds(tmp_path: Path) -> None:
    """Somebody edits the source, and everybody who installs the package sees the page of before."""
    folder, web = tmp_path / "built", tmp_path / "web"
    folder.mkdir()
    built = build(folder)
    assert set(built) == {"page.css", "page.js", "page.licenses.md"}
    assert stale(built, WEB) == []
    shutil.copytree(WEB, web)
    web.joinpath("page.css").write_text("body { color: red }", "utf-8")
    web.joinpath("page.licenses.md").unlink()
    assert stale(built, web) == ["page.css", "page.licenses.md"]
    assert not any(str(place).encode() in content for content in built.values() for place in (ROOT, tmp_path))
