"""What only the service reads from its environment."""

import os
import re
import sys

import pytest

from bymax_auth.cli.deployment import DeploymentError
from bymax_auth.cli.serve.metrics_server import MetricsAddress
from bymax_auth.cli.serve.settings import ServeSettings
from bymax_auth.http import TrustedForwardedFor
from bymax_auth.providers import DefaultAuthEmailCatalogue
from bymax_auth.providers.hibp import HibpBreachChecker


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("SERVE__TENANT_ID", "acme\x1b[2J"),
        ("SERVE__HOST", "127.0.0.1\n::1"),
        ("SMTP__SENDER_NAME", "Ana\r\nBcc: eve@example.com"),
        ("SMTP__PASSWORD", os.fsdecode(b"hunter2\xff")),
    ],
)
def test_text_that_nobody_could_have_meant_is_refused(name: str, text: str) -> None:
    """The service starts, and then every request or every mail fails."""
    with pytest.raises(DeploymentError) as refused:
        ServeSettings.from_env({f"BYMAX_AUTH_{name}": text})
    assert str(refused.value) == f"BYMAX_AUTH_{name} contains a control character, or is not UTF-8."


def test_a_tenant_that_no_request_could_have_is_refused() -> None:
    """Everybody who signs in is told of a fault of the server."""
    with pytest.raises(DeploymentError, match="longer than"):
        ServeSettings.from_env({"BYMAX_AUTH_SERVE__TENANT_ID": "a" * 129})


def test_the_end_of_a_line_is_no_part_of_a_value() -> None:
    """A value that was read from a file names another role than the one that was meant."""
    assert ServeSettings.from_env({"BYMAX_AUTH_SERVE__BASE_ROLE": "MEMBER\n"}).base_role == "MEMBER"


@pytest.mark.parametrize("text", ["10.0.0.0/8, ::1/128,", '["10.0.0.0/8", "::1/128"]'])
def test_the_networks_of_proxies_are_a_list_like_every_other(text: str) -> None:
    """One list of the same file is written in another way than the rest."""
    given = {"BYMAX_AUTH_SERVE__PROXY_HOPS": "1", "BYMAX_AUTH_SERVE__TRUSTED_PROXIES": text}
    assert ServeSettings.from_env(given).client_ip == TrustedForwardedFor(1, ("10.0.0.0/8", "::1/128"))


@pytest.mark.parametrize(
    ("hops", "text", "said"),
    [
        ("1", "[10.0.0.0/8]", "must be a list of networks: 10.0.0.0/8,::1/128"),
        ("1", "[1]", "must be a list of networks: 10.0.0.0/8,::1/128"),
        ("1", "proxy", "must be a list of networks: 10.0.0.0/8,::1/128"),
        ("0", "10.0.0.0/8", "needs BYMAX_AUTH_SERVE__PROXY_HOPS."),
    ],
)
def test_networks_that_mean_nothing_are_refused(hops: str, text: str, said: str) -> None:
    """A forwarded address is believed of everybody, or of nobody."""
    given = {"BYMAX_AUTH_SERVE__PROXY_HOPS": hops, "BYMAX_AUTH_SERVE__TRUSTED_PROXIES": text}
    with pytest.raises(DeploymentError, match=re.escape(said)):
        ServeSettings.from_env(given)


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({}, None),
        ({"METRICS_PORT": "9100"}, MetricsAddress("127.0.0.1", 9100)),
        ({"METRICS_PORT": "9100", "METRICS_HOST": "::1"}, MetricsAddress("::1", 9100)),
    ],
)
def test_metrics_are_off_and_private_unless_somebody_says_otherwise(
    given: dict[str, str], address: MetricsAddress | None
) -> None:
    """A deployment shows everybody on its network how many people sign in."""
    variables = {f"BYMAX_AUTH_SERVE__{name}": text for name, text in given.items()}
    assert ServeSettings.from_env(variables).metrics == address


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"METRICS_PORT": "0"}, "METRICS_PORT must be a whole number from 1 to 65535."),
        ({"METRICS_PORT": "8000"}, "METRICS_PORT is the port of the service."),
        ({"METRICS_PORT": "9100", "PORT": "09100"}, "METRICS_PORT is the port of the service."),
        ({"METRICS_HOST": "::1"}, "METRICS_HOST needs BYMAX_AUTH_SERVE__METRICS_PORT."),
    ],
)
def test_metrics_that_cannot_be_are_refused(given: dict[str, str], said: str) -> None:
    """The service starts without the metrics that somebody asked for."""
    with pytest.raises(DeploymentError, match=re.escape(said)):
        ServeSettings.from_env({f"BYMAX_AUTH_SERVE__{name}": text for name, text in given.items()})


def test_mails_say_what_the_environment_says() -> None:
    """The service would mail 64 characters to be copied by hand, in a language that few read."""
    link = "https://app.example/{tenant}?email={email}#{token}"
    given = {
        "PRODUCT": "Acme",
        "DEFAULT_LOCALE": "pt",
        "PASSWORD_RESET_LINK": link,
        "EMAIL_VERIFICATION_LINK": link,
        "EMAIL_CHANGE_LINK": link,
        "INVITATION_LINK": link,
    }
    settings = ServeSettings.from_env({f"BYMAX_AUTH_MAIL__{name}": text for name, text in given.items()})
    assert settings.catalogue == DefaultAuthEmailCatalogue(
        product="Acme",
        default_locale="pt",
        password_reset_link=link,
        email_verification_link=link,
        email_change_link=link,
        invitation_link=link,
    )
    assert ServeSettings.from_env({}).catalogue == DefaultAuthEmailCatalogue()


def test_every_mail_that_would_be_useless_is_named() -> None:
    """The operator corrects one link, and starts the service once more for the next."""
    given = {
        "BYMAX_AUTH_MAIL__PASSWORD_RESET_LINK": "https://app.example/k3y",
        "BYMAX_AUTH_MAIL__INVITATION_LINK": "app.example/{token}",
        "BYMAX_AUTH_MAIL__DEFAULT_LOCALE": "tlh",
        "BYMAX_AUTH_MAIL__NAME": "Ada",
        "BYMAX_AUTH_MAIL__PRODUCT": "Acme\nBcc: eve@example.com",
    }
    with pytest.raises(DeploymentError) as refused:
        ServeSettings.from_env(given)
    text = str(refused.value)
    assert "BYMAX_AUTH_MAIL__PASSWORD_RESET_LINK has no {token}" in text
    assert "BYMAX_AUTH_MAIL__INVITATION_LINK is not an http or https URL" in text
    assert "BYMAX_AUTH_MAIL__DEFAULT_LOCALE is not one of en, pt, es" in text
    assert "BYMAX_AUTH_MAIL__NAME is unknown. Known: BYMAX_AUTH_MAIL__[DEFAULT_LOCALE | " in text
    assert "BYMAX_AUTH_MAIL__PRODUCT contains a control character" in text
    assert "k3y" not in text


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"BREACH_CHECK": "yes"}, "BREACH_CHECK must be true or false"),
        ({"BREACH_CHECK_URL": "https://ranges.example.com/"}, "BREACH_CHECK_URL needs BYMAX_AUTH_SERVE__"),
        (
            {"BREACH_CHECK": "true", "BREACH_CHECK_URL": "http://ranges.example.com/"},
            "BREACH_CHECK_URL must be an https address that ends in a slash",
        ),
    ],
)
def test_a_breach_check_that_would_not_be_made_is_refused(given: dict[str, str], problem: str) -> None:
    """The operator believes that passwords are checked, and in private."""
    with pytest.raises(DeploymentError, match=problem):
        ServeSettings.from_env({f"BYMAX_AUTH_SERVE__{name}": text for name, text in given.items()})


def test_a_breach_check_without_its_extra_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service would start, and check nothing."""
    monkeypatch.setitem(sys.modules, "httpx2", None)
    monkeypatch.delitem(sys.modules, "bymax_auth.providers.http", raising=False)
    with pytest.raises(DeploymentError, match=re.escape("pip install 'bymax-auth[breach]'")):
        ServeSettings.from_env({"BYMAX_AUTH_SERVE__BREACH_CHECK": "true"})


def test_passwords_leave_the_service_only_when_it_is_told_to() -> None:
    """Nothing is sent to another company by default."""
    assert ServeSettings.from_env({}).breach_service is None
    asked = ServeSettings.from_env({"BYMAX_AUTH_SERVE__BREACH_CHECK": "true"})
    assert isinstance(asked.breach_service, HibpBreachChecker)
