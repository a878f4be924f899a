"""Mail on a terminal, for development: the only module that prints codes intentionally."""

import sys
from dataclasses import dataclass
from typing import TextIO

from bymax_auth.providers.mail import OutgoingEmail

__all__ = ["ConsoleEmailSink"]

_RULE = "─" * 72


@dataclass(frozen=True, slots=True)
class ConsoleEmailSink:
    """Writes every mail to `stream`, standard error when it is ``None``.  Never use it in production."""

    stream: TextIO | None = None

    async def send(self, message: OutgoingEmail) -> None:
        """Write the mail's text; implements `AuthEmailSink`."""
        stream = sys.stderr if self.stream is None else self.stream
        lines = (
            _RULE,
            f"Mail to {_plain(message.to)} (tenant {_plain(message.tenant_id)}, {message.kind})",
            f"Subject: {_plain(message.subject)}",
            "",
            *(_plain(line) for line in message.text.split("\n")),
            _RULE,
        )
        stream.write("\n".join(lines) + "\n")
        stream.flush()


def _plain(text: str) -> str:
    # A name may contain an escape sequence, which a terminal would execute.
    return "".join(character if character.isprintable() else "�" for character in text)
