"""The systems that accounts can be moved from, by name."""

from enum import StrEnum

__all__ = ["System"]


class System(StrEnum):
    """A system that accounts can be moved from."""

    FASTAPI_USERS = "fastapi-users"
    BETTER_AUTH = "better-auth"
    DJANGO = "django"
    AUTH0 = "auth0"
    SUPABASE = "supabase"
    CSV = "csv"
