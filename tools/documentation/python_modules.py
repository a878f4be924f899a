"""The Python modules that an application imports from, and the pages that describe them."""

from dataclasses import dataclass

__all__ = ["PYTHON_PAGES", "PythonPage"]


@dataclass(frozen=True, slots=True)
class PythonPage:
    """One page of the reference; a module without the name of a package in front is below `bymax_auth`."""

    name: str
    title: str
    note: str
    modules: tuple[str, ...]


PYTHON_PAGES = (
    PythonPage("engine", "The engine", "`bymax_auth`: the names that a host application imports", ("",)),
    PythonPage("config", "Configuration models", "every group of options as a model", ("config",)),
    PythonPage("errors", "Errors", "every refusal and every failure as a class", ("errors",)),
    PythonPage("fastapi", "FastAPI", "`install`, guards as dependencies, the lifespan", ("fastapi",)),
    PythonPage("http", "HTTP", "the ASGI application, addresses, limits, tenants", ("http",)),
    PythonPage("client", "Python client", "asynchronous and synchronous", ("client",)),
    PythonPage("testing", "Test kit", "fakes, a ready engine, contract suites", ("testing",)),
    PythonPage(
        "providers",
        "Mail, passwords and telemetry",
        "mail through SMTP or the console, checks of new passwords, OpenTelemetry",
        ("providers", "providers.wording", "providers.smtp", "providers.hibp", "providers.opentelemetry"),
    ),
    PythonPage(
        "oauth",
        "Providers of identities",
        "Google, GitHub, Microsoft, Apple, OpenID Connect, OAuth 2.0",
        tuple(
            f"providers.oauth.{name}"
            for name in (
                "google",
                "github",
                "microsoft",
                "apple",
                "oidc",
                "openid",
                "oidc_services",
                "oauth2",
                "oauth2_services",
            )
        ),
    ),
    PythonPage(
        "repositories",
        "User repositories",
        "in memory, and SQLAlchemy",
        ("repositories.memory", "repositories.sqlalchemy"),
    ),
    PythonPage("stores", "Stores", "embedded, and Redis", ("stores.embedded", "stores.redis")),
    PythonPage(
        "ports",
        "Ports",
        "the interfaces that a host can implement",
        tuple(
            f"ports.{name}"
            for name in (
                "accounts",
                "email",
                "hooks",
                "events",
                "breach",
                "oauth",
                "http",
                "telemetry",
                "clock",
                "stores",
                "sessions",
                "revocation",
                "attempts",
                "one_time",
                "mfa",
                "invitations",
                "ws_tickets",
            )
        ),
    ),
    PythonPage(
        "types",
        "Values",
        "accounts, claims, sessions, inputs and results",
        tuple(
            f"types.{name}"
            for name in (
                "account",
                "claims",
                "context",
                "extra_claims",
                "identity",
                "inputs",
                "invitation",
                "login_end",
                "oauth",
                "qr_code",
                "results",
                "secret",
                "session",
                "wire",
            )
        ),
    ),
    PythonPage("crypto", "Tokens and signatures", "the JWT codec, foreign signatures", ("jwt", "crypto.jws")),
)
