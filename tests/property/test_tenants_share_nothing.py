"""
Two tenants with the same user id and the same address, and every route of the table (I-19).

Theirs is an account that has lived: it has sessions, failures that are counted, codes and links.  The
operator of the platform, with that id and address as well, is signed in.  Somebody of ours then calls every
route, again and again, with everything they can learn.  Nothing of theirs or of the operator's may change.
"""

import random
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bymax_auth.http.routes import ROUTES
from tests.integration.http.driver import Answer
from tests.long import rounds
from tests.property.persons import PLATFORM_ROUTES, PROVEN, TENANT_ROUTES, Person, shuffled
from tests.property.tenancy import (
    EMAIL,
    OPERATOR_PASSWORD,
    OURS,
    THEIRS,
    Deployment,
    Row,
    keys_of,
    two_tenants,
)

HISTORIES = rounds(1, 20)
REQUESTS = rounds(16, 32) * len(ROUTES)


@dataclass(frozen=True, slots=True)
class Lived:
    """Somebody who has used every route, and every key under which anything of theirs was ever stored."""

    person: Person
    keys: frozenset[str]


async def lived(deployment: Deployment, source: random.Random) -> Lived:
    """Use every route of a tenant rightly, and those with a proof wrongly, too; end signed in as Ada."""
    person, keys = Person(deployment, THEIRS, source), set[str]()
    await person.sign_in()
    for _ in range(2):
        for spec in shuffled(source, TENANT_ROUTES):
            await person.call(spec)
            keys |= keys_of(deployment.rows())
    for spec in TENANT_ROUTES:
        if PROVEN & set(getattr(spec.body, "model_fields", {}).keys() | aliases(spec.body)):
            await person.call(spec, wrong=True)
            keys |= keys_of(deployment.rows())
    rename_back(deployment)
    for spec in TENANT_ROUTES:
        if spec.limit is not None and not spec.access.guards and "email" in aliases(spec.body):
            await person.call(spec)
    assert (await person.sign_in()).status == 200
    return Lived(person, frozenset(keys | keys_of(deployment.rows())))


def aliases(body: type) -> set[str]:
    fields = getattr(body, "model_fields", {})
    return {info.alias or name for name, info in fields.items()}


def rename_back(deployment: Deployment) -> None:
    """Give Ada the address that she shares with the other tenant, should she have moved."""
    for user_id, account in deployment.accounts_of(THEIRS).items():
        if account.email == EMAIL and user_id != "u1":
            deployment.users.replace(replace(account, email=f"{user_id}@example.com"))
    ada = deployment.accounts_of(THEIRS)["u1"]
    deployment.users.replace(replace(ada, email=EMAIL, status="ACTIVE"))


async def attack(deployment: Deployment, source: random.Random) -> tuple[Person, list[Answer]]:
    """Call every route as Ada of our tenant; guarded ones through the other tenant's pages, too."""
    person = Person(deployment, OURS, source)
    answers = [await person.sign_in()]
    while len(answers) < REQUESTS:
        for spec in shuffled(source):
            through = THEIRS if spec.access.guards and source.random() < 0.3 else OURS
            answers.append(await person.call(spec, tenant=through, wrong=source.random() < 0.05))
            if source.random() < 0.2:
                answers.append(await person.sign_in())
    return person, answers


@pytest.mark.slow
@pytest.mark.parametrize("method", ["token", "otp"])
@pytest.mark.parametrize("history", range(HISTORIES))
async def test_nothing_that_one_tenant_does_reaches_another(
    tmp_path: Path, history: int, method: str
) -> None:
    """A customer could read, lock out, sign out, reset, enrol, invite or change another customer's people."""
    source = random.Random(f"tenants {history} {method}")
    async with two_tenants(tmp_path, method) as deployment:
        theirs = await lived(deployment, source)
        operator = await operator_bearer(deployment)
        accounts, operators = deployment.accounts_of(THEIRS), deployment.operators()
        rows = deployment.rows()
        deployment.mailer.clear()

        ours, answers = await attack(deployment, source)

        assert deployment.accounts_of(THEIRS) == accounts
        assert deployment.operators() == operators
        now = deployment.rows()
        assert rows - now == set(), "what was stored for the other tenant is gone, or has changed"
        assert keys_of(now - rows) & theirs.keys == set(), "something was stored for the other tenant"
        assert {mail.tenant_id for mail in deployment.mailer.sent} <= {OURS}
        assert [answer for answer in answers if tells_of_them(answer)] == []
        assert [answer for answer in answers if answer.status >= 500] == []
        # Whoever achieves nothing changes nothing: most routes must have done what they are for.
        names = {spec.name for spec in TENANT_ROUTES}
        assert len(ours.succeeded & names) > 0.5 * len(names), names - ours.succeeded
        # Signing out succeeds for everybody, and ends only what the caller holds.
        assert ours.succeeded & {spec.name for spec in PLATFORM_ROUTES} <= {"platform_logout"}
        await is_at_home(theirs.person)
        me = await deployment.driver.call("GET", "/platform/me", headers=[operator])
        assert me.status == 200, me.body


async def operator_bearer(deployment: Deployment) -> tuple[str, str]:
    """Sign the operator in, and return the header that proves it."""
    body = {"email": EMAIL, "password": OPERATOR_PASSWORD}
    answer = await deployment.driver.call("POST", "/platform/login", json_body=body)
    assert answer.status == 200
    await deployment.engine.drain()
    return "authorization", f"Bearer {answer.members['accessToken']}"


def tells_of_them(answer: Answer) -> bool:
    return b"of globex" in answer.body or any("globex" in value for _, value in answer.headers)


async def is_at_home(person: Person) -> None:
    """Their session works, renews itself, and another one can be opened with the password of before."""
    deployment, headers = person.deployment, [("x-tenant", THEIRS)]
    me = await deployment.driver.call("GET", "/me", cookies=person.cookies, headers=headers)
    assert (me.status, me.members["name"]) == (200, f"Ada of {THEIRS}")
    again = await deployment.driver.call("POST", "/refresh", cookies=person.cookies, headers=headers)
    assert again.status == 200
    body = {"email": EMAIL, "password": person.password}
    answer = await deployment.driver.call("POST", "/login", json_body=body, headers=headers)
    assert answer.status == 200


def test_what_is_stored_for_somebody_is_recognised() -> None:
    """A property that looks at nothing holds always."""
    rows: set[Row] = {("epochs", "a" * 64, 1, 2), ("counters", 1, "lf:" + "b" * 64, 1, 2), ("clock", 1)}
    assert keys_of(rows) == {"a" * 64, "lf:" + "b" * 64}
    assert keys_of({("proofs", "ec", "c" * 64, '{"userId":"u1","tenantId":"globex-inc."}', 2)}) == {"c" * 64}
