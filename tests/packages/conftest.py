"""The npm package as it would be published, for the tests of this folder."""

from tests.packages.packing import packed_package

__all__ = ["packed_package"]
