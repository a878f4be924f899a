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
from bymax_auth.types.account import Account

__all__ = ["users"]

# `cli.operator` takes a second to import, so each command imports it when it runs.
users: Final = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

_OF_BOTH_REALMS: Final = (
    "create",
    "list",
    "show",
    "block",
    "unblock",
    "unlock",
    "sign-out",
    "role",
    "set-password",
    "delete",
)
"""The commands that administrators' accounts have too."""

Address = Annotated[str, typer.Argument(metavar="EMAIL", help="The account's address.", show_default=False)]
Tenant = Annotated[str | None, typer.Option(help="The account's tenant.", show_default=False)]
Platform = Annotated[
    bool, typer.Option("--platform", help="Platform administrators' accounts, which have no tenant.")
]
OnlyTenant = Annotated[str, typer.Option(help="The account's tenant.", show_default=False)]
Base = Annotated[
    Profile,
    typer.Option(envvar="BYMAX_AUTH_SERVE__PROFILE", help="The defaults that the variables override."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]


@users.callback()
def about(context: typer.Context, *, platform: Platform = False) -> None:
    """Create, show, change, block, sign out and delete the accounts of a deployment."""
    if platform:
        context.default_map = {name: {"platform": True} for name in _OF_BOTH_REALMS}


@users.command(short_help="Create an account.")
def create(  # noqa: PLR0913 - a command has as many options as the account has fields
    email: Address,
    *,
    tenant: Tenant = None,
    platform: Platform = False,
    role: Annotated[str, typer.Option(help="A role of the configuration.", show_default=False)],
    name: Annotated[str, typer.Option(help="The person's name.", show_default=False)],
    status: Annotated[str, typer.Option(help="The account's status.")] = "active",
    unverified: Annotated[
        bool, typer.Option("--unverified", help="Leave the address for its owner to prove.")
    ] = False,
    json: Json = False,
    profile: Base = "nest_compat",
) -> None:
    """Create an account; its password is asked for, or is the first line of the input."""
    from bymax_auth.cli.operated_accounts import NewAccount
    from bymax_auth.cli.operation import perform

    whose = _whose(tenant, platform=platform)
    if whose is None and unverified:
        stop("--unverified is for users: an administrator has no address to prove.", 2)
    account = NewAccount(email=email, name=name, role=role, status=status, verified=not unverified)
    password = _password()
    user = perform(lambda operator: operator.create(account, password), whose, profile)
    _done(user.id, json, user=user)


@users.command(name="list", short_help="Print the accounts of a tenant.")
def listed(
    *, tenant: Tenant = None, platform: Platform = False, json: Json = False, profile: Base = "nest_compat"
) -> None:
    """Print a tenant's accounts, one a line: id, address, role, status, whether the address is proven."""
    from bymax_auth.cli.operation import perform
    from bymax_auth.cli.output import account_fields, counted, print_account, print_json

    whose = _whose(tenant, platform=platform)
    with counted("accounts") as counter:

        def show(user: Account) -> None:
            counter.step()
            if json:
                print_json(account_fields(user))
            else:
                print_account(user)

        perform(lambda operator: operator.for_each(show), whose, profile)


@users.command(short_help="Print an account and its sessions.")
def show(
    email: Address,
    *,
    tenant: Tenant = None,
    platform: Platform = False,
    json: Json = False,
    profile: Base = "nest_compat",
) -> None:
    """Print an account, and below it each of its sessions: id, begin, last use, device, address."""
    from bymax_auth.cli.operation import perform
    from bymax_auth.cli.output import account_fields, print_account, print_json, print_session

    whose = _whose(tenant, platform=platform)
    user, sessions, locked = perform(lambda operator: operator.show(email), whose, profile)
    if json:
        print_json(account_fields(user, sessions) | {"locked": locked})
        return
    print_account(user)
    if locked:
        typer.echo("locked by failed sign-ins")
    for session in sessions:
        print_session(session)


@users.command()
def block(
    email: Address,
    *,
    tenant: Tenant = None,
    platform: Platform = False,
    status: Annotated[str, typer.Option(help="A status that the configuration blocks.")] = "suspended",
    json: Json = False,
    profile: Base = "nest_compat",
) -> None:
    """Keep an account out, and end its sessions."""
    from bymax_auth.cli.operation import perform

    whose = _whose(tenant, platform=platform)
    perform(lambda operator: operator.block(email, status), whose, profile)
    _done("Blocked, and signed out everywhere.", json)


@users.command()
def unblock(
    email: Address,
    *,
    tenant: Tenant = None,
    platform: Platform = False,
    status: Annotated[str, typer.Option(help="The status from now on.")] = "active",
    json: Json = False,
    profile: Base = "nest_compat",
) -> None:
    """Let a blocked account in again."""
    from bymax_auth.cli.operation import perform

    whose = _whose(tenant, platform=platform)
    perform(lambda operator: operator.unblock(email, status), whose, profile)
    _done("Unblocked.", json)


@users.command(short_help="Forget wrong passwords and codes of an account.")
def unlock(
    email: Address,
    *,
    tenant: Tenant = None,
    platform: Platform = False,
    json: Json = False,
    profile: Base = "nest_compat",
) -> None:
    """Forget the wrong passwords and codes that were tried for an address."""
    from bymax_auth.cli.operation import perform

    whose = _whose(tenant, platform=platform)
    locked = perform(lambda operator: operator.unlock(email), whose, profile)
    _done("Unlocked." if locked else "It was not locked; wrong passwords and codes are forgotten.", json)


@users.command()
def sign_out(
    email: Address,
    *,
    tenant: Tenant = None,
    platform: Platform = False,
    json: Json = False,
    profile: Base = "nest_compat",
) -> None:
    """End every session and access token of an account."""
    from bymax_auth.cli.operation import perform

    whose = _whose(tenant, platform=platform)
    perform(lambda operator: operator.sign_out(email), whose, profile)
    _done("Signed out everywhere.", json)


@users.command(short_help="Change the role of an account.")
def role(
    email: Address,
    role: Annotated[str, typer.Argument(help="A role of the configuration.", show_default=False)],
    *,
    tenant: Tenant = None,
    platform: Platform = False,
    json: Json = False,
    profile: Base = "nest_compat",
) -> None:
    """Change the role of an account, and end its sessions, whose tokens carry the old one."""
    from bymax_auth.cli.operation import perform

    whose = _whose(tenant, platform=platform)
    user = perform(lambda operator: operator.change_role(email, role), whose, profile)
    _done("The role is changed; signed out everywhere.", json, user=user)


@users.command(short_help="Set the password of an account.")
def set_password(
    email: Address,
    *,
    tenant: Tenant = None,
    platform: Platform = False,
    mail: Annotated[
        bool, typer.Option("--mail", help="Mail a reset link or code to the owner, and set nothing.")
    ] = False,
    json: Json = False,
    profile: Base = "nest_compat",
) -> None:
    """Set a password, which is asked for or is the first line of the input, and end every session."""
    from bymax_auth.cli.operation import perform, perform_in_tenant

    whose = _whose(tenant, platform=platform)
    if mail:
        if whose is None:
            stop("--mail is for users: administrators have no reset of their own.", 2)
        user = perform_in_tenant(lambda operator: operator.send_reset_mail(email), whose, profile)
        _done("A reset mail is requested.", json, user=user)
        return
    password = _password()
    user = perform(lambda operator: operator.set_password(email, password), whose, profile)
    _done("The password is set; signed out everywhere.", json, user=user)


@users.command()
def verify(email: Address, *, tenant: OnlyTenant, json: Json = False, profile: Base = "nest_compat") -> None:
    """Record that the address of an account is proven."""
    from bymax_auth.cli.operation import perform_in_tenant

    user = perform_in_tenant(lambda operator: operator.verify(email), tenant, profile)
    _done("Verified.", json, user=user)


@users.command(short_help="Delete an account, and end its sessions.")
def delete(
    email: Address,
    *,
    tenant: Tenant = None,
    platform: Platform = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
    profile: Base = "nest_compat",
) -> None:
    """Delete an account, and end its sessions; this cannot be undone."""
    from bymax_auth.cli.operation import perform

    whose = _whose(tenant, platform=platform)
    if not yes:
        if sys.stdin is None or not sys.stdin.isatty():
            stop("deleting an account needs --yes where nobody can be asked.", 2)
        typer.confirm("Delete the account and every session of it?", abort=True, err=True)
    user = perform(lambda operator: operator.delete(email), whose, profile)
    _done("Deleted, and signed out everywhere.", json, user=user)


def _whose(tenant: str | None, *, platform: bool) -> str | None:
    """Return the tenant that the command is about, ``None`` for the platform's administrators."""
    if platform and tenant is not None:
        stop("--tenant and --platform exclude each other: administrators belong to no tenant.", 2)
    if not platform and tenant is None:
        stop("--tenant is missing; --platform is for the platform's administrators.", 2)
    return tenant


def _done(message: str, json: bool, *, user: Account | None = None) -> None:
    """Print what was done, as text or as JSON with the account."""
    if not json:
        typer.echo(message)
        return
    from bymax_auth.cli.output import account_fields, print_json

    print_json({"done": message} if user is None else account_fields(user))


def _password() -> str:
    if sys.stdin is None:
        stop("there is no input to read the password from.", 2)
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    try:
        return sys.stdin.readline().rstrip("\r\n")
    except UnicodeDecodeError:
        stop("the password is not text in UTF-8.", 2)
