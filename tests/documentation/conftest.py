"""What the tests of the documentation share."""

from tests.documentation.building import built_site

__all__ = ["built_site"]
