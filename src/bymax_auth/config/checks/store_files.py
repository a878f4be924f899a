"""Rules about the files of a store: sessions and lockouts are not for every user of the machine."""

from collections.abc import Iterator

from bymax_auth.config.checks.context import CheckContext
from bymax_auth.config.problems import ConfigProblem, problem

__all__ = ["files_private", "files_readable"]


def files_private(context: CheckContext) -> Iterator[ConfigProblem]:
    """Production refuses a store file that every user of the machine may read or change."""
    exposed = context.collaborators.exposed_store_files
    if context.production and exposed:
        message = f"are in files that every user of this machine may read or change: {', '.join(exposed)}"
        yield problem("store_file_exposed", "stores", message, _hint(exposed))


def files_readable(context: CheckContext) -> Iterator[str]:
    """Outside production, such a file is mentioned."""
    exposed = context.collaborators.exposed_store_files
    if not context.production and exposed:
        yield (
            f"Every user of this machine may read or change {', '.join(exposed)}, which production refuses "
            f"(store_file_exposed). {_hint(exposed)}"
        )


def _hint(exposed: tuple[str, ...]) -> str:
    return f"Run: chmod o-rwx {' '.join(exposed)}"
