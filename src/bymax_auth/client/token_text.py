"""What a token may look like: text that no header quotes, splits or refuses."""

import re
from typing import Final

__all__ = ["is_token"]

_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/=-]{1,4096}")


def is_token(text: str) -> bool:
    """Say whether a header may carry this token.  Source: RFC 6750 §2.1, b64token."""
    return _TOKEN.fullmatch(text) is not None
