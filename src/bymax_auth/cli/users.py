"""
`bymax-auth users`: accounts of a deployment, from a terminal.

The deployment is read from the environment, see `bymax_auth.cli.deployment`.  A password is prompted
for, or is the first line of the input: an argument would stay in the shell's history and be visible
to every user of the machine.
"""

import sys
from typing import Annotated, Final

import typer

from bymax_auth.cli.exits import stop
from bymax_auth.config.profiles import Profile
from bymax_auth.types.account import AuthUser

__all__ = ["users"]

# `cli.operator` takes a second to import, so each command imports it when it runs.
users: Final = typer.Typer(
    help="Create, list, block and sign out the accounts of a deployment.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Address = Annotated[str, typer.Argument(metavar="EMAIL", help="The account's address.", show_default=False)]
Tenant = Annotated[str, typer.Option(help="The account's tenant.", show_default=False)]
Base = Annotated[
    Profile, typer.Option(envvar="BYMAX_AUTH_SERVE__PROFILE", help="What the variables are laid over.")
]


@users.command()
def create(  # noqa: PLR0913 - a command has as many options as the account has fields
    email: Address,
    *,
    tenant: Tenant,
    role: Annotated[str, typer.Option(help="A role of the configuration.", show_default=False)],
    name: Annotated[str, typer.Option(help="The person's name.", show_default=False)],
    status: Annotated[str, typer.Option(help="The account's status.")] = "active",
    unverified: Annotated[
        bool, typer.Option("--unverified", help="Leave the address for its owner to prove.")
    ] = False,
    profile: Base = "nest_compat",
) -> None:
    """Create an account; its password is asked for, or is the first line of the input."""
    from bymax_auth.cli.operator import NewAccount, perform

    account = NewAccount(email=email, name=name, role=role, status=status, verified=not unverified)
    password = _password()
    typer.echo(perform(lambda operator: operator.create(account, password), tenant, profile).id)


@users.command(name="list")
def listed(*, tenant: Tenant, profile: Base = "nest_compat") -> None:
    """Print a tenant's accounts, one a line: id, address, role, status, whether the address is proven."""
    from bymax_auth.cli.operator import perform

    perform(lambda operator: operator.for_each(_show), tenant, profile)


@users.command()
def block(
    email: Address,
    *,
    tenant: Tenant,
    status: Annotated[str, typer.Option(help="A status that the configuration blocks.")] = "suspended",
    profile: Base = "nest_compat",
) -> None:
    """Keep an account out, and end its sessions."""
    from bymax_auth.cli.operator import perform

    perform(lambda operator: operator.block(email, status), tenant, profile)
    typer.echo("Blocked, and signed out everywhere.")


@users.command()
def unblock(
    email: Address,
    *,
    tenant: Tenant,
    status: Annotated[str, typer.Option(help="The status from now on.")] = "active",
    profile: Base = "nest_compat",
) -> None:
    """Let a blocked account in again."""
    from bymax_auth.cli.operator import perform

    perform(lambda operator: operator.unblock(email, status), tenant, profile)
    typer.echo("Unblocked.")


@users.command()
def unlock(email: Address, *, tenant: Tenant, profile: Base = "nest_compat") -> None:
    """Forget the wrong passwords and codes that were tried for an address."""
    from bymax_auth.cli.operator import perform

    locked = perform(lambda operator: operator.unlock(email), tenant, profile)
    typer.echo("Unlocked." if locked else "It was not locked; wrong passwords and codes are forgotten.")


@users.command()
def sign_out(email: Address, *, tenant: Tenant, profile: Base = "nest_compat") -> None:
    """End every session and access token of an account."""
    from bymax_auth.cli.operator import perform

    perform(lambda operator: operator.sign_out(email), tenant, profile)
    typer.echo("Signed out everywhere.")


def _show(user: AuthUser) -> None:
    proven = "verified" if user.email_verified else "unverified"
    typer.echo("\t".join(map(_visible, (user.id, user.email, user.role, user.status, proven))))


def _visible(text: str) -> str:
    """Escape unprintable characters, which could control the terminal or disguise an address."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)


def _password() -> str:
    if sys.stdin is None:
        stop("there is no input to read the password from.", 2)
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    try:
        return sys.stdin.readline().rstrip("\r\n")
    except UnicodeDecodeError:
        stop("the password is not text in UTF-8.", 2)
