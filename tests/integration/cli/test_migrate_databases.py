"""`bymax-auth migrate` from the databases of Better Auth, Django and Supabase."""

import asyncio
import json
import sqlite3
import subprocess
import sys
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

pytestmark = pytest.mark.processes

PASSWORD = "a long password of old"
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


DJANGO = """
import sys
import django
from django.conf import settings
settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": sys.argv[1]}},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)
django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
call_command("migrate", verbosity=0)
ada = User.objects.create_user(
    "ada", "Ada@Example.com", sys.argv[2], first_name="Ada", last_name="Lovelace")
User.objects.create_superuser("root", "root@example.com", sys.argv[2])
User.objects.create_user("off", "off@example.com", None, is_active=False)
User.objects.create_user("mailless", "", sys.argv[2])
"""


def test_accounts_of_django_are_moved(tmp_path: Path) -> None:
    """Its tables are made, and its passwords are hashed, by its own package."""
    pytest.importorskip("django")
    destination = Destination.made_in(tmp_path, importers="django-pbkdf2")
    old = tmp_path / "old.db"
    subprocess.run([sys.executable, "-c", DJANGO, str(old), PASSWORD], check=True)
    said = destination.moved("django", f"sqlite:///{old}", "--write", "--assume-verified")

    assert (said["kept"], said["refused"]) == (3, {"address_missing": 1})
    ada, root, off = destination.rows()
    assert (ada["id"], ada["email"], ada["name"]) == ("1", "ada@example.com", "Ada Lovelace")
    assert (root["role"], off["status"], off["password_hash"]) == ("ADMIN", "inactive", None)
    (signed_in,) = destination.sign_in(("ada@example.com", PASSWORD))
    assert signed_in.user.name == "Ada Lovelace"


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
        for provider, provider_id in (("email", "x"), ("github", "77")):
            await connection.execute(
                text(
                    "INSERT INTO auth.identities (provider_id, user_id, identity_data, provider) VALUES "
                    f"('{provider_id}', '00000000-0000-0000-0000-000000000001', '{{}}', '{provider}')"
                )
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
    (challenge,) = destination.sign_in(("ada@example.com", PASSWORD))
    assert isinstance(challenge, MfaChallengeResult)
