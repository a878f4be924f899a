"""Inserts an account of either kind, whose id the database may make."""

from dataclasses import fields

from sqlalchemy import insert

from bymax_auth.repositories.sqlalchemy.fitting import FittedTable
from bymax_auth.repositories.sqlalchemy.transactions import Statements, Transactions
from bymax_auth.types.account import Account

__all__ = ["insert_account"]


async def insert_account(run: Statements | Transactions, fitted: FittedTable, account: Account) -> str | None:
    """
    Insert an account and return its id; ``None`` where the database made it and does not tell it.

    Without an id, the account gets the one that the database or the column's default makes.

    Raises:
        RepositoryConflict: A unique constraint refuses the account.
        RepositoryValueRefused: A column cannot hold a value.
    """
    values = {field.name: getattr(account, field.name) for field in fields(account)}
    if not account.id:
        del values["id"]
    made = await run.insert(insert(fitted.table).values(fitted.values(values)))
    if account.id:
        return account.id
    told = made.get(fitted.columns["id"].key)
    return None if told is None else str(fitted.conversions["id"].read(told))
