"""The worlds of the flows' tests."""

from tests.integration.flows.conftest import worlds

__all__ = ["worlds"]
