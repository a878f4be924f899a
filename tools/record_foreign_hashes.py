"""
Writes conformance/password-imports.json: hashes made by the systems that accounts are imported from.

None of them is a dependency of this project, so this runs in an environment of its own, and not in CI:

    python -m venv /tmp/vectors
    /tmp/vectors/bin/pip install django werkzeug 'pwdlib[argon2,bcrypt]' passlib
    /tmp/vectors/bin/pip install better-auth-server firebase-scrypt
    npm install --prefix /tmp/vectors-npm bcryptjs better-auth firebase-scrypt
    /tmp/vectors/bin/python tools/record_foreign_hashes.py /tmp/vectors-npm

Each run makes new salts, and so new vectors.
"""

import json
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

TARGET = Path(__file__).parents[1] / "conformance" / "password-imports.json"

PLAIN = "correct horse battery staple"
ACCENTED = "pässwörd-🔐"
DECOMPOSED = "pa\u0308sswo\u0308rd"
LIGATURE = "\ufb01rst of\u2003all"
LONG = "a password of more than seventy-two bytes, of which bcrypt reads only the beginning"

SIGNER_KEY = b64encode(bytes(range(64))).decode()
SEPARATOR = "Bw=="
FIREBASE_SALT = "42xEC+ixf3L2lw=="

NODE = """
import { createRequire } from "node:module";
const [passwords, long, saltSeparator, signerKey, salt] = JSON.parse(process.argv[1]);
const require = createRequire(process.cwd() + "/");
const { hashPassword } = await import(require.resolve("better-auth/crypto"));
const { FirebaseScrypt } = require("firebase-scrypt");
const firebase = new FirebaseScrypt({ memCost: 14, rounds: 8, saltSeparator, signerKey });
const bcrypt = (await import("bcryptjs")).default;
const versions = ["bcryptjs", "better-auth", "firebase-scrypt"].map(
  (name) => `${name} ${JSON.parse(require("fs").readFileSync(`node_modules/${name}/package.json`)).version}`);
console.log(JSON.stringify({
  versions,
  bcrypt: bcrypt.hashSync(long, 10),
  betterAuth: await Promise.all(passwords.map((one) => hashPassword(one))),
  firebase: await Promise.all(passwords.map((one) => firebase.hash(one, salt))),
}));
"""


@dataclass(frozen=True, kw_only=True)
class Vector:
    """A hash of `password`, made by `library`."""

    format: str
    library: str
    password: str
    stored: str


def each(kind: str, package: str, make: Callable[[str], str], *passwords: str) -> Iterator[Vector]:
    library = f"PyPI {package} {version(package)}"
    for password in passwords:
        yield Vector(format=kind, library=library, password=password, stored=make(password))


def of_django() -> Iterator[Vector]:
    import django
    from django.conf import settings
    from django.contrib.auth import hashers

    settings.configure()
    django.setup()

    def by(hasher: hashers.BasePasswordHasher) -> Callable[[str], str]:
        return lambda password: hasher.encode(password, hasher.salt())

    kinds: list[tuple[str, hashers.BasePasswordHasher, tuple[str, ...]]] = [
        ("django-pbkdf2", hashers.PBKDF2PasswordHasher(), (PLAIN, DECOMPOSED)),
        ("django-pbkdf2", hashers.PBKDF2SHA1PasswordHasher(), (PLAIN,)),
        ("django-argon2", hashers.Argon2PasswordHasher(), (PLAIN, ACCENTED)),
        ("django-scrypt", hashers.ScryptPasswordHasher(), (PLAIN, ACCENTED)),
        ("django-bcrypt-sha256", hashers.BCryptSHA256PasswordHasher(), (ACCENTED, LONG)),
        ("django-bcrypt", hashers.BCryptPasswordHasher(), (PLAIN, ACCENTED)),
    ]
    for kind, hasher, passwords in kinds:
        yield from each(kind, "Django", by(hasher), *passwords)


def of_werkzeug() -> Iterator[Vector]:
    from werkzeug.security import generate_password_hash

    yield from each("werkzeug-scrypt", "Werkzeug", generate_password_hash, PLAIN, DECOMPOSED)
    for method in ("pbkdf2", "pbkdf2:sha1:1000", "pbkdf2:sha512:210000"):
        yield from each(
            "werkzeug-pbkdf2",
            "Werkzeug",
            lambda password, method=method: generate_password_hash(password, method),
            ACCENTED,
        )


def of_pwdlib() -> Iterator[Vector]:
    from pwdlib.hashers.argon2 import Argon2Hasher
    from pwdlib.hashers.bcrypt import BcryptHasher

    yield from each("pwdlib-argon2", "pwdlib", Argon2Hasher().hash, PLAIN, ACCENTED)
    yield from each("bcrypt", "pwdlib", BcryptHasher().hash, PLAIN, ACCENTED)
    yield from each("bcrypt", "pwdlib", BcryptHasher(rounds=4, prefix="2a").hash, PLAIN)


def of_passlib() -> Iterator[Vector]:
    from passlib.hash import pbkdf2_sha1, pbkdf2_sha256, pbkdf2_sha512

    for hasher in (pbkdf2_sha1, pbkdf2_sha256, pbkdf2_sha512):
        yield from each("passlib-pbkdf2", "passlib", hasher.hash, PLAIN, ACCENTED)


def of_better_auth_server() -> Iterator[Vector]:
    from better_auth.crypto import hash_password

    passwords = (PLAIN, ACCENTED, LIGATURE)
    yield from each("better-auth-scrypt", "better-auth-server", hash_password, *passwords)


def of_firebase(digest: str) -> str:
    return f"$fbscrypt$v=1,n=14,r=8,p=1,ss={SEPARATOR},sk={SIGNER_KEY}${FIREBASE_SALT}${digest}"


def of_firebase_scrypt() -> Iterator[Vector]:
    from firebase_scrypt import firebasescrypt

    def make(password: str) -> str:
        key = firebasescrypt.generate_derived_key(password, FIREBASE_SALT, SEPARATOR, 8, 14)
        encrypted = firebasescrypt.encrypt(b64decode(SIGNER_KEY), key)
        return of_firebase(b64encode(encrypted).decode())

    yield from each("firebase-scrypt", "firebase-scrypt", make, PLAIN, ACCENTED)


def of_npm(folder: str) -> Iterator[Vector]:
    passwords = [PLAIN, ACCENTED, LIGATURE]
    given = json.dumps([passwords, LONG, SEPARATOR, SIGNER_KEY, FIREBASE_SALT])
    done = subprocess.run(
        ["node", "--input-type=module", "-e", NODE, given],
        cwd=folder,
        capture_output=True,
        check=True,
        text=True,
    )
    made = json.loads(done.stdout)
    bcryptjs, better_auth, firebase = (f"npm {name}" for name in made["versions"])
    yield Vector(format="bcrypt", library=bcryptjs, password=LONG, stored=made["bcrypt"])
    for password, stored, digest in zip(passwords, made["betterAuth"], made["firebase"], strict=True):
        yield Vector(format="better-auth-scrypt", library=better_auth, password=password, stored=stored)
        imported = of_firebase(digest)
        yield Vector(format="firebase-scrypt", library=firebase, password=password, stored=imported)


def main() -> None:
    """Write the file."""
    vectors = [
        *of_django(),
        *of_werkzeug(),
        *of_pwdlib(),
        *of_passlib(),
        *of_better_auth_server(),
        *of_firebase_scrypt(),
        *of_npm(sys.argv[1]),
    ]
    vectors.sort(key=lambda one: one.format)
    text = json.dumps({"hashes": [asdict(one) for one in vectors]}, indent=2, ensure_ascii=True)
    TARGET.write_text(f"{text}\n", "utf-8")


if __name__ == "__main__":
    main()
