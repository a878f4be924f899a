"""
Two protected pages that the build adds to the example, in the forms that are hardest to protect.

Next writes the one to its disk, in several files that have addresses of their own; the other is of the router
that answers `_next/data`.
"""

from pathlib import Path

__all__ = ["PRIVATE", "STATIC", "WITH_DATA", "add_private_pages"]

PRIVATE = "fourteen thousand and two"
STATIC = "/dashboard/figures"
WITH_DATA = "/dashboard/ledger"

_STATIC = f"""
export default function Figures() {{
  return <p>{PRIVATE}</p>;
}}
"""
_WITH_DATA = f"""
export const getServerSideProps = () => ({{ props: {{ figure: "{PRIVATE}" }} }});

export default function Ledger({{ figure }}: {{ figure: string }}) {{
  return <p>{{figure}}</p>;
}}
"""


def add_private_pages(folder: Path) -> None:
    """Write the pages into the project."""
    for path, text in (
        (f"app/(private){STATIC}/page.tsx", _STATIC),
        (f"pages{WITH_DATA}.tsx", _WITH_DATA),
    ):
        page = folder / path
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text.lstrip(), encoding="utf-8")
