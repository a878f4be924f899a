"""What a module of an optional extra raises where the extra is not installed."""

from dataclasses import dataclass
from types import TracebackType

__all__ = ["needs_extra"]


@dataclass(frozen=True, slots=True)
class needs_extra:  # noqa: N801 - used as a statement, like the context managers of `contextlib`
    """
    Name the extra to install when an import inside the block fails for want of one of its packages.

    Any other missing module is somebody else's, and its error passes unchanged.
    """

    extra: str
    packages: tuple[str, ...]

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if not isinstance(error, ModuleNotFoundError) or error.name is None:
            return
        package = error.name.partition(".")[0]
        if package in self.packages:
            raise ModuleNotFoundError(
                f"{package} is not installed. Install the extra: pip install 'bymax-auth[{self.extra}]'",
                name=error.name,
            ) from None
