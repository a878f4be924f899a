"""The reference: pages that are generated from the code."""

from pathlib import Path

from tools.documentation.pages import Page
from tools.documentation.python_api import python_reference
from tools.documentation.typescript_api import typescript_reference
from tools.documentation.wire import service_reference

__all__ = ["reference_pages"]


def reference_pages(root: Path, work: Path) -> list[Page]:
    """
    Return the generated pages; `work` is a folder for what TypeDoc writes.

    Raises:
        ReferenceFailed: TypeDoc warned of something.
        Unavailable: There is no Node, or npm could not install TypeDoc.
    """
    return [*service_reference(root), *python_reference(root), *typescript_reference(work)]
