"""What the source may not hold, whatever it is for: I-3, I-4, I-10, I-13, I-16 and I-17."""

import ast
from importlib.metadata import PackageNotFoundError, requires
from textwrap import dedent

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.security.gates import (
    SOURCE,
    Finder,
    credentials_from_urls,
    guessable_randomness,
    leaky_comparisons,
    over,
    secrets_in_logs,
    unsafe_code,
)

EXCUSED_COMPARISONS = {
    "client/dashboard.py": "a client's own tokens, and nobody asks it about them",
    "client/errors.py": "error codes",
    "client/httpx_auth.py": "error codes",
    "client/realm.py": "error codes",
    "client/session.py": "a client's own tokens, and nobody asks it about them",
    "config/checks/published_secrets.py": "text that everybody can read, judged once at start-up",
    "config/checks/secrets.py": "`Secret` compares itself in constant time",
    "errors/__init__.py": "error codes",
    "http/openapi/responses.py": "error codes",
    "http/openapi/schemas.py": "error codes",
    "services/telemetry.py": "error codes",
    "repositories/sqlalchemy/platform_users.py": "an SQL condition is built; the database compares",
    "repositories/sqlalchemy/users.py": "an SQL condition is built; the database compares",
    "testing/user_repository.py": "a contract for repositories, run on test data only",
}

EXCUSED_ADDRESSES = {
    "cli/dev/demo_id/app.py": "what a browser brings to the provider of the demonstration",
    "http/parameters.py": "a provider's code, which works once, and with the verifier and the cookie only",
    "testing/oauth_provider.py": "what a browser brings to the provider",
    "http/ws_ticket.py": "a ticket, which works once, within seconds, and for a WebSocket's handshake only",
}

RUNTIME = frozenset(
    [
        "aiosmtplib",
        "aiosqlite",
        "annotated-doc",
        "annotated-types",
        "anyio",
        "argon2-cffi",
        "argon2-cffi-bindings",
        "async-timeout",
        "bcrypt",
        "bymax-auth",
        "cffi",
        "click",
        "colorama",
        "cryptography",
        "exceptiongroup",
        "fastapi",
        "fastapi-offline",
        "greenlet",
        "h11",
        "hiredis",
        "httpcore2",
        "httpx2",
        "idna",
        "joserfc",
        "markdown-it-py",
        "mdurl",
        "opentelemetry-api",
        "prometheus-client",
        "pycparser",
        "pydantic",
        "pydantic-core",
        "pydantic-settings",
        "pygments",
        "python-dotenv",
        "redis",
        "rich",
        "segno",
        "shellingham",
        "sniffio",
        "sqlalchemy",
        "starlette",
        "truststore",
        "typer",
        "typing-extensions",
        "typing-inspection",
        "uvicorn",
        "websockets",
    ]
)
"""Everything that an installation with every extra may bring.  A new entry is a decision."""

PLANTS: list[tuple[Finder, str]] = [
    (leaky_comparisons, "def f(a, token):\n    return a.refresh_token == token"),
    (leaky_comparisons, "ok = stored_hash != digest(given)"),
    (leaky_comparisons, "ok = otp in live_codes"),
    (leaky_comparisons, "ok = row['password_hash'] == row['other']"),
    (leaky_comparisons, "ok = a < b == newPassword"),
    (secrets_in_logs, "logger.info('signed in with %s', password)"),
    (secrets_in_logs, "self._log.debug(f'sent {mail.otp}')"),
    (secrets_in_logs, "_LOGGER.warning('x', extra={'hash': session_hash})"),
    (unsafe_code, "import pickle"),
    (unsafe_code, "def f():\n    from ctypes import memmove"),
    (unsafe_code, "x = eval('1')"),
    (unsafe_code, "import yaml.loader"),
    (guessable_randomness, "import random"),
    (guessable_randomness, "from random import choice"),
    (guessable_randomness, "import uuid\nx = uuid.uuid1()"),
    (guessable_randomness, "from uuid import uuid1"),
    (credentials_from_urls, "token = request.query_params.get('token')"),
    (credentials_from_urls, "raw = scope['query_string']"),
    (credentials_from_urls, "from urllib.parse import parse_qs\nparse_qs(raw)"),
]

INNOCENT: list[tuple[Finder, str]] = [
    (leaky_comparisons, "ok = token is None or len(token) == 64 or token_type == kind or token == ''"),
    (secrets_in_logs, "logger.info('signed in', extra={'user_id': user.id})\npassword.info(secret)"),
    (unsafe_code, "engine.exec_driver_sql('x')\nre.compile('x')"),
    (guessable_randomness, "import secrets\nx = secrets.token_hex(32)\nfrom uuid import uuid4"),
    (credentials_from_urls, "path = scope['path']"),
]


@pytest.mark.parametrize(("find", "code"), PLANTS, ids=lambda value: getattr(value, "__name__", None))
def test_a_planted_violation_is_found(find: Finder, code: str) -> None:
    """A rule that finds nothing anywhere would be believed for ever."""
    assert list(find(ast.parse(dedent(code)))) != []


@pytest.mark.parametrize(("find", "code"), INNOCENT, ids=lambda value: getattr(value, "__name__", None))
def test_ordinary_code_passes(find: Finder, code: str) -> None:
    """A rule that refuses ordinary code would be switched off."""
    assert list(find(ast.parse(code))) == []


def test_secrets_are_compared_in_constant_time() -> None:
    """A stranger could find out a token digit by digit from how long its refusal takes."""
    found = over(SOURCE, leaky_comparisons)
    places = {line.partition(":")[0] for line in found}
    assert [line for line in found if line.partition(":")[0] not in EXCUSED_COMPARISONS] == []
    assert set(EXCUSED_COMPARISONS) - places == set(), "an excuse that nothing needs hides the next mistake"


def test_no_secret_is_handed_to_a_logger() -> None:
    """Whoever may read logs could sign in as the people in them."""
    assert over(SOURCE, secrets_in_logs) == []


def test_no_native_code_and_no_code_from_text() -> None:
    """A value from a request or a store could become a command."""
    assert over(SOURCE, unsafe_code) == []


def test_nothing_secret_can_come_from_a_guessable_generator() -> None:
    """A reset link could be computed by whoever asked for a few of their own."""
    assert over(SOURCE, guessable_randomness) == []


def test_no_credential_is_read_from_a_url() -> None:
    """Every proxy on the way would keep people's tokens in its log."""
    found = over(SOURCE, credentials_from_urls)
    places = {line.partition(":")[0] for line in found}
    assert places == set(EXCUSED_ADDRESSES), found


def test_an_installation_brings_only_what_was_decided() -> None:
    """Any dependency can read every secret, and a second token library has rules of its own."""
    assert runtime_of("bymax-auth", {"all"}) - RUNTIME == set()


def runtime_of(name: str, extras: set[str]) -> set[str]:
    """Every distribution that installing this one brings on this interpreter."""
    met: dict[str, set[str]] = {}

    def visit(name: str, extras: set[str]) -> None:
        name = canonicalize_name(name)
        if name in met and extras <= met[name]:
            return
        met.setdefault(name, set()).update(extras)
        try:
            lines = requires(name) or []
        except PackageNotFoundError:
            return
        for line in lines:
            wanted = Requirement(line)
            marker = wanted.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in (*extras, "")):
                visit(wanted.name, set(wanted.extras))

    visit(name, extras)
    return set(met)
