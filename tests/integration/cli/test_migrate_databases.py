"""`bymax-auth migrate` from the databases of Better Auth, Django and Supabase."""

import asyncio
import json
import sqlite3
from binascii import hexlify
from pathlib import Path
from typing import Any

import bcrypt
import pytest
from better_auth import BetterAuth, EmailAndPassword
from better_auth.adapters.sqlalchemy import SQLAlchemyAdapter
from better_auth.types import AuthRequest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bymax_auth.cli.keygen import fresh_secret
from bymax_auth.crypto import totp
from bymax_auth.types.results import MfaChallengeResult
from tests.integration.cli.moving import Destination
from tests.integration.cli.old_systems import PASSWORD, SCHEMAS, recorded

pytestmark = pytest.mark.processes

SECRET = totp.base32_encode(bytes(range(20)))


def better_auth_database(path: Path) -> None:
    """Let Better Auth make its tables, and sign somebody up in them."""

    async def make() -> None:
        engine = create_async_engine(f"sqlite+aiosqlite:///{path}")
        adapter = SQLAlchemyAdapter(engine)
        auth = BetterAuth(
            secret=fresh_secret(),
            email_and_password=EmailAndPassword(enabled=True),
            adapter=adapter,
        )
        await adapter.create_tables()
        body = json.dumps({"name": "Ada Lovelace", "email": "ada@example.com", "password": PASSWORD})
        answer = await auth.handle(AuthRequest("POST", "/sign-up/email", body=body.encode()))
        assert answer.status == 200
        async with engine.begin() as connection:
            await connection.execute(text('UPDATE "user" SET "emailVerified" = true'))
            await connection.execute(
                text(
                    'INSERT INTO account ("id", "accountId", "providerId", "userId", "createdAt", '
                    '"updatedAt") '
                    'SELECT \'a\', \'77\', \'github\', "id", "createdAt", "updatedAt" FROM "user"'
                )
            )
        await engine.dispose()

    asyncio.run(make())


def test_accounts_of_better_auth_are_moved(tmp_path: Path) -> None:
    """Its tables are made, and its password is hashed, by its own package."""
    destination = Destination.made_in(tmp_path, importers="better-auth-scrypt")
    better_auth_database(tmp_path / "old.db")
    said = destination.moved("better-auth", f"sqlite:///{tmp_path}/old.db", "--write")

    assert (said["kept"], said["refused"], said["notes"]) == (1, {}, {})
    (ada,) = destination.rows()
    assert (ada["name"], ada["oauth_provider"], ada["oauth_provider_id"]) == ("Ada Lovelace", "github", "77")
    (signed_in,) = destination.sign_in(("ada@example.com", PASSWORD))
    assert signed_in.user.id == ada["id"]


@pytest.mark.parametrize("naming", ["better-auth", "better-auth-plural"])
def test_accounts_of_the_package_for_node_are_moved(tmp_path: Path, naming: str) -> None:
    """Its dates are texts in columns of dates, and its adapters write other names of tables and columns."""
    destination = Destination.made_in(tmp_path, importers="better-auth-scrypt")
    said = destination.moved("better-auth", recorded(naming, tmp_path), "--write")

    assert (said["kept"], said["refused"]) == (3, {"second_factor_would_be_lost": 1})
    people = destination.by_email()
    ada, bob, off = (people[f"{name}@example.com"] for name in ("ada", "bob", "off"))
    assert (ada["oauth_provider"], ada["oauth_provider_id"]) == (
        "microsoft",
        "11111111-2222-3333-4444-555555555555:subject-of-ada",
    )
    assert (bob["oauth_provider_id"], bob["email_verified"], off["status"]) == ("77", 0, "inactive")
    assert ada["created_at"][:23].replace(" ", "T") in (SCHEMAS / f"{naming}.sql").read_text("utf-8")
    (signed_in,) = destination.sign_in(("ada@example.com", PASSWORD))
    assert signed_in.user.id == ada["id"]


def test_accounts_of_django_are_moved(tmp_path: Path) -> None:
    """Tables, passwords and factors are made by the packages themselves."""
    destination = Destination.made_in(tmp_path, importers="django-pbkdf2", mfa=True)
    said = destination.moved("django", recorded("django", tmp_path), "--write", "--assume-verified")

    assert said["kept"] == 6
    assert said["refused"] == {"address_missing": 1, "second_factor_would_be_lost": 1}
    people = destination.by_email()
    ada, root, off = (people[f"{name}@example.com"] for name in ("ada", "root", "off"))
    assert (ada["id"], ada["name"], ada["oauth_provider_id"]) == ("1", "Ada Lovelace", "1234")
    assert (root["role"], off["status"], off["password_hash"]) == ("ADMIN", "inactive", None)
    assert "mailed@example.com" not in people
    enrolled = {email for email, row in people.items() if row["mfa_enabled"]}
    assert enrolled == {"totp@example.com", "device@example.com"}
    ada_in, totp_in = destination.sign_in(("ada@example.com", PASSWORD), ("totp@example.com", PASSWORD))
    assert ada_in.user.name == "Ada Lovelace"
    assert isinstance(totp_in, MfaChallengeResult)


DJANGO_TABLES = """
CREATE TABLE member (id INTEGER PRIMARY KEY, email TEXT, password TEXT, is_active BOOL, username TEXT);
CREATE TABLE account_emailaddress (id INTEGER PRIMARY KEY, user_id INTEGER, email TEXT, verified BOOL);
CREATE TABLE socialaccount_socialaccount (id INTEGER PRIMARY KEY, user_id INTEGER, provider TEXT,
  uid TEXT);
CREATE TABLE otp_totp_totpdevice (id INTEGER PRIMARY KEY, user_id INTEGER, confirmed BOOL, key TEXT,
  step INTEGER, t0 INTEGER, digits INTEGER);
INSERT INTO member VALUES (1, 'ada@example.com', '!unusable', 1, 'ada'),
  (2, 'bob@example.com', '!', 1, 'bob'), (3, 'eve@example.com', '!', 1, 'eve');
INSERT INTO account_emailaddress VALUES (1, 1, 'Ada@example.com', 1), (2, 2, 'other@example.com', 1);
INSERT INTO socialaccount_socialaccount VALUES (1, 1, 'google', '1234');
INSERT INTO otp_totp_totpdevice VALUES (1, 1, 1, '{key}', 30, 0, 6), (2, 2, 1, '{key}', 30, 0, 8),
  (3, 3, 0, '{key}', 30, 0, 6);
"""


def test_a_model_of_ones_own_and_the_tables_of_further_apps_are_read(tmp_path: Path) -> None:
    """Most projects have a user model of their own, allauth and otp."""
    destination = Destination.made_in(tmp_path, mfa=True)
    with sqlite3.connect(tmp_path / "old.db") as database:
        database.executescript(DJANGO_TABLES.format(key=hexlify(bytes(range(20))).decode()))
    said = destination.moved("django", f"sqlite:///{tmp_path}/old.db", "--write", "--table", "member")

    assert (said["kept"], said["refused"]) == (2, {"second_factor_would_be_lost": 1})
    ada, eve = destination.rows()
    assert (ada["email_verified"], ada["mfa_enabled"], ada["oauth_provider_id"]) == (1, 1, "1234")
    assert (eve["email_verified"], eve["mfa_enabled"]) == (0, 0)


MICROSOFT_TENANT = "11111111-2222-3333-4444-555555555555"
SUPABASE = """
DROP SCHEMA IF EXISTS auth CASCADE;
CREATE SCHEMA auth;
CREATE TABLE auth.users (
  id uuid PRIMARY KEY, aud varchar(255), role varchar(255), email varchar(255),
  encrypted_password varchar(255),
  email_confirmed_at timestamptz, raw_app_meta_data jsonb, raw_user_meta_data jsonb,
  is_super_admin bool,
  created_at timestamptz, updated_at timestamptz, phone text, banned_until timestamptz,
  is_sso_user bool NOT NULL DEFAULT false, deleted_at timestamptz, is_anonymous bool NOT NULL DEFAULT false,
  phone_confirmed_at timestamptz DEFAULT '2024-01-01',
  confirmed_at timestamptz GENERATED ALWAYS AS (LEAST(email_confirmed_at, phone_confirmed_at)) STORED);
CREATE TABLE auth.identities (
  provider_id text NOT NULL, user_id uuid NOT NULL REFERENCES auth.users, identity_data jsonb NOT NULL,
  provider text NOT NULL, id uuid PRIMARY KEY DEFAULT gen_random_uuid());
CREATE TYPE auth.factor_type AS ENUM ('totp', 'webauthn', 'phone');
CREATE TYPE auth.factor_status AS ENUM ('unverified', 'verified');
CREATE TABLE auth.mfa_factors (
  id uuid PRIMARY KEY, user_id uuid NOT NULL REFERENCES auth.users, friendly_name text,
  factor_type auth.factor_type NOT NULL, status auth.factor_status NOT NULL, secret text);
"""


async def supabase_database(url: str, hashed: str) -> None:
    """Make the tables as its migrations do, and people in every state."""
    engine = create_async_engine(url)
    people: list[dict[str, Any]] = [
        {"id": 1, "email": "ada@example.com"},
        {"id": 2, "email": "bob@example.com", "banned_until": "2999-01-01"},
        {"id": 3, "email": "gone@example.com", "deleted_at": "2024-01-01"},
        {"id": 4, "email": None, "is_anonymous": True},
        {"id": 5, "email": "new@example.com", "email_confirmed_at": None},
        {"id": 6, "email": "key@example.com"},
    ]
    async with engine.begin() as connection:
        for statement in filter(str.strip, SUPABASE.split(";")):
            await connection.execute(text(statement))
        for person in people:
            values = {
                "id": f"00000000-0000-0000-0000-00000000000{person['id']}",
                "email": person["email"],
                "banned": person.get("banned_until"),
                "deleted": person.get("deleted_at"),
                "confirmed": person.get("email_confirmed_at", "2024-01-01"),
                "anonymous": person.get("is_anonymous", False),
            }
            literals = {name: "NULL" if value is None else f"'{value}'" for name, value in values.items()}
            columns = "id, email, email_confirmed_at, banned_until, deleted_at, is_anonymous"
            chosen = ", ".join(
                literals[name] for name in ("id", "email", "confirmed", "banned", "deleted", "anonymous")
            )
            await connection.execute(
                text(
                    f"INSERT INTO auth.users ({columns}, encrypted_password, raw_user_meta_data) "
                    f"VALUES ({chosen}, :hashed, jsonb_build_object('full_name', 'A Person'))"
                ),
                {"hashed": hashed},
            )
        issuer = f"https://login.microsoftonline.com/{MICROSOFT_TENANT}/v2.0"
        for number, provider, provider_id, data in (
            (1, "email", "x", {}),
            (1, "github", "77", {}),
            (2, "azure", "subject", {"iss": issuer, "sub": "subject"}),
            (5, "azure", "nowhere", {}),
        ):
            await connection.execute(
                text(
                    "INSERT INTO auth.identities (provider_id, user_id, identity_data, provider) VALUES "
                    f"('{provider_id}', '00000000-0000-0000-0000-00000000000{number}', "
                    f"CAST(:data AS jsonb), '{provider}')"
                ),
                {"data": json.dumps(data)},
            )
        for number, kind, secret in ((1, "totp", f"'{SECRET}'"), (6, "webauthn", "NULL")):
            user = f"00000000-0000-0000-0000-00000000000{number}"
            await connection.execute(
                text(
                    "INSERT INTO auth.mfa_factors (id, user_id, factor_type, status, secret) VALUES "
                    f"(gen_random_uuid(), '{user}', '{kind}', 'verified', {secret})"
                )
            )
    await engine.dispose()


def test_accounts_of_supabase_are_moved(tmp_path: Path, postgres_url: str) -> None:
    """A confirmed telephone would pass for a proven address, or what is in the schema `auth` be lost."""
    destination = Destination.made_in(tmp_path, importers="bcrypt", mfa=True)
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4, b"2a")).decode()
    asyncio.run(supabase_database(postgres_url, hashed))
    said = destination.moved("supabase", postgres_url, "--write")

    assert said["kept"] == 3
    assert said["refused"] == {"anonymous": 1, "deleted": 1, "second_factor_would_be_lost": 1}
    ada, bob, new = destination.rows()
    assert ada["id"] == "00000000-0000-0000-0000-000000000001"
    assert (ada["name"], ada["oauth_provider"], ada["mfa_enabled"]) == ("A Person", "github", 1)
    assert (bob["status"], new["email_verified"]) == ("inactive", 0)
    assert bob["oauth_provider_id"] == f"{MICROSOFT_TENANT}:subject"
    assert (new["oauth_provider"], said["notes"]["identities_of_another_form"]) == (None, 1)
    (challenge,) = destination.sign_in(("ada@example.com", PASSWORD))
    assert isinstance(challenge, MfaChallengeResult)
