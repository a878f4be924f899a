"""What the contract tests share: a real database server."""

from tests.contract.postgres import postgres_url

__all__ = ["postgres_url"]
