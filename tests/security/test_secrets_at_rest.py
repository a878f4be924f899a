"""What a copy of the files gives its thief: nothing that opens a door (I-1, I-9, I-18)."""

import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bymax_auth.crypto.digest import sha256_hex
from bymax_auth.crypto.password.hasher import PasswordHasher
from bymax_auth.crypto.password.scrypt import ScryptParameters
from bymax_auth.errors import TokenInvalid
from bymax_auth.http.app import auth_app
from bymax_auth.http.client_ip import PeerAddress
from bymax_auth.http.config import AuthHttpConfig
from tests.integration.http.driver import Answer, Driver
from tests.integration.http.world import UNLIMITED
from tests.security.deployments import EMAIL, NEW_PASSWORD, PASSWORD, TENANT, Deployment, Running

pytestmark = pytest.mark.asyncio(loop_scope="module")

NEWCOMER = "grace.hopper@example.com"
CHOSEN = "saffron harbour quiet forty-four"
WRONG = "none of the passwords of anybody"

KEYS = [
    ("sessions", "hash"),
    ("sessions", "subject"),
    ("sessions", "family"),
    ("grace", "hash"),
    ("grace", "subject"),
    ("grace", "successor"),
    ("consumed", "hash"),
    ("families", "id"),
    ("epochs", "subject"),
    ("blacklist", "jti"),
    ("counters", "key"),
    ("otps", "key"),
    ("marks", "key"),
    ("proofs", "hash"),
]
HASHED = PasswordHasher(ScryptParameters(log2_n=14, block_size=8, parallelization=1)).hash(PASSWORD)
DIGEST = r"[0-9a-f]{64}"
UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
KEY = re.compile(rf"([a-z_-]+:)*({DIGEST}|{UUID})")


class Life:
    """Somebody uses a deployment in every way there is, and the files are read after each step."""

    def __init__(self, running: Running, folder: Path, user_id: str) -> None:
        http = AuthHttpConfig(PeerAddress(), rate_limits=UNLIMITED)
        self.running = running
        self.driver = Driver(auth_app(running.engine, http, app_at_prefix=True))
        self.folder = folder
        self.user_id = user_id
        self.secrets = {PASSWORD, NEW_PASSWORD, CHOSEN, WRONG}
        self.codes: set[str] = set()
        self.refresh_tokens: list[str] = []
        self.stored: set[str] = set()
        self.keys: set[str] = set()
        self.raw = b""

    async def live(self) -> None:
        """Register, verify, sign in, refresh, lose a reply, list, change, recover, be locked out, leave."""
        await self.call("/register", email=NEWCOMER, password=CHOSEN, name="Grace")
        code = self.mailed("email_verification_otp")
        await self.call("/verify-email", email=NEWCOMER, otp="000000" if code != "000000" else "111111")
        await self.call("/verify-email", email=NEWCOMER, otp=code)
        await self.call("/login", email=EMAIL, password=WRONG)
        first = (await self.call("/login", email=EMAIL, password=PASSWORD)).cookies
        await self.call("/login", email=EMAIL, password=PASSWORD)
        token = first["refresh_token"]
        second = (await self.call("/refresh", refreshToken=token)).cookies
        await self.call("/refresh", refreshToken=token)
        await self.call(
            "/password/change",
            currentPassword=WRONG,
            newPassword=NEW_PASSWORD,
            bearer=second["access_token"],
        )
        await self.call(
            "/email/change",
            newEmail="ada@new.example",
            currentPassword=PASSWORD,
            bearer=second["access_token"],
        )
        self.mailed("email_change_verification")
        self.read()
        await self.call("/password/forgot-password", email=EMAIL)
        proof = self.mailed("password_reset_token")
        await self.call("/password/reset-password", email=EMAIL, newPassword=NEW_PASSWORD, token=proof)
        third = (await self.call("/login", email=EMAIL, password=NEW_PASSWORD)).cookies
        await self.call("/logout", refreshToken=third["refresh_token"], bearer=third["access_token"])

    async def call(self, path: str, bearer: str | None = None, **body: str) -> Answer:
        cookies = {"access_token": bearer} if bearer else None
        named: dict[str, str] = {"tenantId": TENANT} if "email" in body else {}
        answer = await self.driver.call("POST", path, json_body={**named, **body}, cookies=cookies)
        assert answer.status not in {400, 404, 500}, answer.body
        for name, value in answer.cookies.items():
            if name.endswith("_token") and value:
                self.secrets.add(value)
            if name == "refresh_token" and value:
                self.refresh_tokens.append(value)
        await self.running.engine.drain()
        self.read()
        return answer

    def mailed(self, kind: str) -> str:
        secret = self.running.mailer.last(kind).code
        (self.codes if secret.isdigit() else self.secrets).add(secret)
        return secret

    def read(self) -> None:
        """Take what a thief would find now."""
        for path in sorted(self.folder.iterdir()):
            self.raw += path.read_bytes()
        for database in self.folder.glob("*.db"):
            with sqlite3.connect(database) as raw:
                self.stored |= set(raw.iterdump())
                if database.name == "auth.db":
                    for table, column in KEYS:
                        rows = raw.execute(f"SELECT {column} FROM {table}").fetchall()
                        self.keys |= {value for (value,) in rows if value}
            raw.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def life(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One life that every test reads; none changes it."""
    folder = tmp_path_factory.mktemp("life")
    deployment = Deployment(str(folder))
    user_id = await deployment.prepare()
    # What the table of users was made with is a stand-in that holds the password.
    with sqlite3.connect(deployment.accounts) as raw:
        raw.execute("PRAGMA secure_delete = ON")
        raw.execute("UPDATE auth_users SET password_hash = ?", (HASHED,))
    raw.close()
    async with deployment.running() as running:
        lived = Life(running, folder, user_id)
        await lived.live()
        yield lived


async def test_a_stolen_copy_holds_no_password_code_or_token(life: Life) -> None:
    """Whoever gets a backup of the files could sign in as everybody in it."""
    assert len(life.secrets) >= 15
    assert len(life.codes) == 1
    text = "\n".join(life.stored)
    found = [secret for secret in life.secrets if secret in text or secret.encode() in life.raw]
    assert [f"{len(secret)} characters" for secret in found] == []
    for code in life.codes:
        assert re.search(rf"(?<![0-9a-f]){code}(?![0-9a-f])", text) is None
    for token in life.refresh_tokens:
        assert sha256_hex(token) in text, "the copy is of what was lived through"
    assert "$scrypt$" in text


async def test_no_key_names_a_person(life: Life) -> None:
    """Whoever lists the keys of a store could read who uses it and who is locked out."""
    assert len(life.keys) >= 20
    assert [key for key in life.keys if KEY.fullmatch(key) is None] == []
    for name in (life.user_id, TENANT, EMAIL, NEWCOMER, "203.0.113"):
        assert [key for key in life.keys if name in key] == []


async def test_a_refresh_token_says_nothing(life: Life) -> None:
    """A token that can be read tells whoever finds it whose it is, and invites being trusted unread."""
    assert len(set(life.refresh_tokens)) == len(life.refresh_tokens) - 1 >= 5, "a lost reply is repeated"
    for token in life.refresh_tokens:
        assert re.fullmatch(DIGEST, token)
        with pytest.raises(TokenInvalid):
            await life.running.engine.authenticate(token)
