"""
Accounts in a SQL database, through SQLAlchemy 2 and any asyncio driver (extra ``sqlalchemy``).

`metadata` describes the tables for the host's migrations.  Each method runs one transaction,
mostly of one statement.
"""

from bymax_auth.errors.extras import needs_extra

with needs_extra("sqlalchemy", ("greenlet", "sqlalchemy")):
    from bymax_auth.repositories.sqlalchemy.audit import (
        AuditEntry,
        SqlAlchemyAuditLog,
        SqlAlchemyAuditSink,
        audit_metadata,
        audit_table,
    )
    from bymax_auth.repositories.sqlalchemy.platform_users import SqlAlchemyPlatformUserRepository
    from bymax_auth.repositories.sqlalchemy.tables import (
        identities_table,
        metadata,
        platform_users_table,
        users_table,
    )
    from bymax_auth.repositories.sqlalchemy.users import SqlAlchemyUserRepository

__all__ = [
    "AuditEntry",
    "SqlAlchemyAuditLog",
    "SqlAlchemyAuditSink",
    "SqlAlchemyPlatformUserRepository",
    "SqlAlchemyUserRepository",
    "audit_metadata",
    "audit_table",
    "identities_table",
    "metadata",
    "platform_users_table",
    "users_table",
]
