"""
Writes tests/integration/cli/schemas: databases made by the systems that accounts are moved from.

Tables and accounts are those of the original packages, of which not all can be installed beside this project,
so this runs in an environment of its own, and not in CI:

    python -m venv /tmp/schemas
    /tmp/schemas/bin/pip install 'fastapi-users[sqlalchemy]' aiosqlite django 'django-allauth[mfa]' django-otp
    npm install --prefix /tmp/schemas-npm better-auth
    /tmp/schemas/bin/python tools/record_foreign_schemas.py /tmp/schemas-npm node

Node must have `node:sqlite` (24).  Each run makes new ids and salts.
"""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

TARGET = Path(__file__).parents[1] / "tests" / "integration" / "cli" / "schemas"
PASSWORD = "a long password of old"

BETTER_AUTH = """
import { createRequire } from "node:module";
const [file, password, plural] = process.argv.slice(2);
const require = createRequire(process.cwd() + "/");
const { DatabaseSync } = require("node:sqlite");
const { betterAuth } = await import(require.resolve("better-auth"));
const { admin, anonymous, twoFactor } = await import(require.resolve("better-auth/plugins"));
const { getMigrations } = await import(require.resolve("better-auth/db/migration"));
const snake = { emailVerified: "email_verified", createdAt: "created_at", updatedAt: "updated_at" };
const way = { userId: "user_id", accountId: "account_id", providerId: "provider_id", idToken: "id_token" };
const names = plural === "plural"
  ? { user: { modelName: "users", fields: snake }, account: { modelName: "accounts", fields: way } }
  : {};
const database = new DatabaseSync(file);
const auth = betterAuth({
  database, ...names, baseURL: "http://localhost:3000",
  secret: require("node:crypto").randomBytes(32).toString("base64"),
  emailAndPassword: { enabled: true }, plugins: [admin(), anonymous(), twoFactor()],
});
await (await getMigrations(auth.options)).runMigrations();
const context = await auth.$context;
const made = {};
for (const name of ["ada", "bob", "eve", "off"]) {
  const body = { name: `${name} of old`, email: `${name}@example.com`, password };
  made[name] = (await auth.api.signUpEmail({ body })).user.id;
}
await context.internalAdapter.updateUser(made.ada, { emailVerified: true });
await context.internalAdapter.updateUser(made.eve, { twoFactorEnabled: true });
await context.internalAdapter.updateUser(made.off, { banned: true });
const token = (claims) => ["e30", Buffer.from(JSON.stringify(claims)).toString("base64url"), "AA"].join(".");
const tid = "11111111-2222-3333-4444-555555555555";
await context.internalAdapter.linkAccount({
  userId: made.ada, providerId: "microsoft", accountId: "object-of-ada",
  idToken: token({ tid, oid: "object-of-ada", sub: "subject-of-ada" }),
});
await context.internalAdapter.linkAccount({ userId: made.bob, providerId: "github", accountId: "77" });
const { version } = JSON.parse(require("node:fs").readFileSync("node_modules/better-auth/package.json"));
console.log(`npm better-auth ${version}`);
"""


def of_fastapi_users(path: Path) -> str:
    from fastapi_users import BaseUserManager, UUIDIDMixin, schemas
    from fastapi_users_db_sqlalchemy import (
        SQLAlchemyBaseOAuthAccountTableUUID,
        SQLAlchemyBaseUserTableUUID,
        SQLAlchemyUserDatabase,
    )
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
    from sqlalchemy.orm import DeclarativeBase, Mapped, relationship

    class Base(DeclarativeBase):
        pass

    class OAuthAccount(SQLAlchemyBaseOAuthAccountTableUUID, Base):
        pass

    class User(SQLAlchemyBaseUserTableUUID, Base):
        oauth_accounts: Mapped[list[OAuthAccount]] = relationship("OAuthAccount", lazy="joined")

    class Manager(UUIDIDMixin, BaseUserManager):
        pass

    async def make() -> None:
        engine = create_async_engine(f"sqlite+aiosqlite:///{path}")
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(engine, expire_on_commit=False) as session:
            users = Manager(SQLAlchemyUserDatabase(session, User, OAuthAccount))
            for name, flags in (("Ada", {"is_verified": True}), ("new", {}), ("off", {"is_active": False})):
                entered = schemas.BaseUserCreate(email=f"{name}@example.com", password=PASSWORD, **flags)
                await users.create(entered)
            people = (("google", "people/1234", "bob"), ("microsoft", "48d31887-5fad-4d73-a9f5", "eve"))
            for provider, account, name in people:
                await users.oauth_callback(
                    provider, "a-token", account, f"{name}@example.com", is_verified_by_default=True
                )
        await engine.dispose()

    asyncio.run(make())
    return _made_by("fastapi-users", "fastapi-users-db-sqlalchemy")


def of_django(path: Path) -> str:
    import django
    from django.conf import settings

    settings.configure(
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)}},
        INSTALLED_APPS=[
            *(f"django.contrib.{one}" for one in ("auth", "contenttypes", "sessions")),
            *(f"allauth.{one}" for one in ("account", "socialaccount", "mfa")),
            "django_otp",
            *(f"django_otp.plugins.otp_{one}" for one in ("email", "hotp", "static", "totp")),
        ],
        MIDDLEWARE=["allauth.account.middleware.AccountMiddleware"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        SECRET_KEY="for nothing",
    )
    django.setup()
    from allauth.account.models import EmailAddress
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP
    from allauth.socialaccount.models import SocialAccount
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django_otp.plugins.otp_email.models import EmailDevice
    from django_otp.plugins.otp_totp.models import TOTPDevice

    call_command("migrate", verbosity=0)
    names = {"first_name": "Ada", "last_name": "Lovelace"}
    ada = User.objects.create_user("ada", "Ada@Example.com", PASSWORD, **names)
    EmailAddress.objects.create(user=ada, email="ada@example.com", verified=True, primary=True)
    SocialAccount.objects.create(user=ada, provider="google", uid="1234")
    User.objects.create_superuser("root", "root@example.com", PASSWORD)
    User.objects.create_user("off", "off@example.com", None, is_active=False)
    User.objects.create_user("mailless", "", PASSWORD)
    totp = User.objects.create_user("totp", "totp@example.com", PASSWORD)
    TOTP.activate(totp, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(totp)
    device = User.objects.create_user("device", "device@example.com", PASSWORD)
    TOTPDevice.objects.create(user=device, name="phone", key="00" * 20)
    mailed = User.objects.create_user("mailed", "mailed@example.com", PASSWORD)
    EmailDevice.objects.create(user=mailed, name="mail")
    codes = User.objects.create_user("codes", "codes@example.com", PASSWORD)
    RecoveryCodes.activate(codes)
    return _made_by("django", "django-allauth", "django-otp")


def of_better_auth(folder: Path, node: str, *words: str) -> Callable[[Path], str]:
    def make(path: Path) -> str:
        script = path.with_suffix(".mjs")
        script.write_text(BETTER_AUTH, encoding="utf-8")
        command = [node, script, path, PASSWORD, *words]
        done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    return make


def _made_by(*packages: str) -> str:
    return "PyPI " + ", ".join(f"{one} {version(one)}" for one in packages)


def record(name: str, make: Callable[[Path], str]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "old.db"
        made_by = make(path)
        with closing(sqlite3.connect(path)) as database:
            lines = [one for one in database.iterdump() if not _is_of_no_account(one)]
    text = "\n".join([f"-- Made by {made_by}.", *lines])
    (TARGET / f"{name}.sql").write_text(text + "\n", encoding="utf-8")


def _is_of_no_account(line: str) -> bool:
    names = ("django_", "auth_permission", "auth_group", "auth_user_groups", "auth_user_user", "sqlite_")
    words: Sequence[str] = line.replace('"', " ").replace("(", " ").split()
    tables = {*words[2:3], *(words[at + 1] for at, one in enumerate(words[:-1]) if one.lower() == "on")}
    return any(one.startswith(names) for one in tables)


def main() -> None:
    folder, node = Path(sys.argv[1]), sys.argv[2]
    TARGET.mkdir(exist_ok=True)
    record("fastapi-users", of_fastapi_users)
    record("django", of_django)
    record("better-auth", of_better_auth(folder, node))
    record("better-auth-plural", of_better_auth(folder, node, "plural"))


if __name__ == "__main__":
    main()
