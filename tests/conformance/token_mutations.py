"""
Tokens that two verifiers may judge differently: valid ones, and valid ones that were changed somewhere.

What is changed is usually signed again, for without a right signature a verifier reads little of a token.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import Final, TypeVar

from tests.conformance.edge_verifier import Case
from tests.conformance.token_fragments import CHARACTERS, FRAGMENTS, HEADERS, IDS, JTIS, NAMES, ODD, TEXTS

__all__ = ["SECRETS", "Mutator"]

Value = TypeVar("Value")

SECRETS: Final = ("0123456789abcdef0123456789abcdef", "s", "k" * 64, "k" * 65, "ç" * 40, "m" * 4096)
RINGS: Final = ((0, 2), (1,), (2, 0), (0, 4), (3, 1, 2), (3, 2, 0), (5,))
KINDS: Final = ("dashboard", "platform", "mfa_challenge")
NOW: Final = 1_767_323_055
LARGEST: Final = 2**53 - 1
OWN_HEADER: Final = '{"alg":"HS256","typ":"JWT"}'


class Mutator:
    """An endless source of cases, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.kind = KINDS[0]
        self._kinds: tuple[tuple[Callable[[], Case], int], ...] = (
            (self.plain, 1),
            (self.retyped, 4),
            (self.respelled, 5),
            (self.extended, 1),
            (self.headed, 3),
            (self.tampered, 4),
            (self.timed, 2),
            (self.bound, 1),
        )
        self._weights = [weight for _, weight in self._kinds]

    def case(self) -> Case:
        [(kind, _)] = self.random.choices(self._kinds, self._weights)
        return kind()

    # ── kinds of cases ───────────────────────────────────────────────────────────────────────────────

    def plain(self) -> Case:
        """A token as a server signs it, of any type and with any texts."""
        return self.asked(self.signed(spelled(self.members())))

    def retyped(self) -> Case:
        """One claim or some are of another type or form, missing, or there although they are not known."""
        members = self.members()
        for _ in range(self.pick((1, 1, 1, 2, 3))):
            if self.random.random() < 0.2:
                members.pop(self.pick(list(members)), None)
            else:
                members[self.pick(NAMES)] = self.pick(ODD)
            if not members:
                break
        return self.asked(self.signed(spelled(members)))

    def respelled(self) -> Case:
        """The payload's bytes are changed: white space, order, names twice, fragments anywhere."""
        members = list(self.members().items())
        if self.random.random() < 0.3:
            self.random.shuffle(members)
        if self.random.random() < 0.2:
            members.append(self.pick(members))
        comma, colon = self.pick(((",", ":"), (", ", ": "), (",\r\n\t", " :"), (",", ":")))
        text = "{" + comma.join(f'"{name}"{colon}{value}' for name, value in members) + "}"
        payload = text.encode("utf-8", "surrogatepass")
        for _ in range(self.pick((0, 1, 1, 1, 2, 3))):
            start = self.between(0, len(payload))
            end = min(len(payload), start + self.pick((0, 0, 1, 1, 2, 6)))
            payload = payload[:start] + self.pick((b"", *FRAGMENTS)) + payload[end:]
        if self.random.random() < 0.1:
            payload = self.pick(
                (payload.decode("utf-8", "replace").encode("utf-16-le"), payload * 2, payload[1:], b"")
            )
        return self.asked(self.signed(payload))

    def extended(self) -> Case:
        """Claims of the host, of about the size that is allowed, with numbers of every spelling."""
        members = self.members("dashboard")
        values = [self.number() for _ in range(self.between(0, 9))]
        values += [self.pick(ODD) for _ in range(self.pick((0, 0, 0, 1)))]
        values += [
            json.dumps(text, ensure_ascii=self.random.random() < 0.5) for text in self.some(IDS + TEXTS, 2)
        ]
        try:
            parsed = json.loads("[" + ",".join(values) + "]")
            size = len(json.dumps({"n": parsed, "p": ""}, ensure_ascii=False, separators=(",", ":")).encode())
        except ValueError:
            size = 0
        padding = "p" * max(0, 1024 - size + self.pick((0, 0, 1, 1, 2, -1, -900)))
        space = self.pick(("", "", " ", "\n"))
        members["ext"] = f'{{"n":{space}[{("," + space).join(values)}],"p":"{padding}"}}'
        return self.asked(self.signed(spelled(members)))

    def headed(self) -> Case:
        """Another header, well signed or under no signature."""
        header = self.pick(HEADERS).encode()
        if self.random.random() < 0.3:
            at = self.between(0, len(header))
            header = header[:at] + self.pick(FRAGMENTS) + header[at + self.pick((0, 1)) :]
        case = self.asked(self.signed(spelled(self.members()), header))
        return replace(case, token=self.garbled(case.token)) if self.random.random() < 0.2 else case

    def tampered(self) -> Case:
        """The token's text is changed after signing, or signed with another key."""
        case = self.asked(self.signed(spelled(self.members())))
        header, payload, signature = case.token.split(".")
        longer = encode(decode(signature) + self.pick((b"\0", b"", b"\0" * 32)))
        token = self.pick(
            (
                lambda: self.garbled(case.token),
                lambda: self.garbled(case.token),
                lambda: self.garbled(self.garbled(case.token)),
                lambda: f"{header}.{payload}.",
                lambda: f"{header}.{payload}.{longer}",
                lambda: f"{header}.{payload}.{encode(decode(signature)[: self.between(0, 31)])}",
                lambda: f"{payload}.{header}.{signature}",
                lambda: f"{header}.{encode(spelled(self.members()))}.{signature}",
                lambda: case.token[: self.between(0, len(case.token))],
                lambda: self.sealed(f"{header}.{self.garbled(payload)}"),
                lambda: self.sealed(f"{self.garbled(header)}.{payload}"),
                lambda: f"{case.token}.{signature}",
                lambda: self.sealed(f"{header}.{payload}", self.pick(SECRETS)),
                lambda: self.of_length(self.pick((4095, 4096, 4097, 5000))),
            )
        )()
        return replace(case, token=token)

    def timed(self) -> Case:
        """The clock is near one of the token's times."""
        members = self.members()
        leeways = (0, 0, 1, 30, 60, 300)
        case = self.asked("")
        exp_leeway, iat_leeway = self.pick(leeways), self.pick(leeways)
        near = self.pick((exp_leeway, -iat_leeway, 0, LARGEST, -LARGEST)) + self.between(-2, 2)
        name = self.pick(("iat", "exp", "nbf"))
        members[name] = str(case.now - near)
        token = self.signed(spelled(members))
        return replace(case, token=token, exp_leeway=exp_leeway, iat_leeway=iat_leeway)

    def bound(self) -> Case:
        """The verifier asks for an issuer or an audience."""
        members = self.members()
        values = (None, "i", "a", "https://api.example.com", "é", "")
        for name in ("iss", "aud"):
            value = self.pick(values)
            if value is not None or self.random.random() < 0.3:
                members[name] = json.dumps(value)
        case = self.asked(self.signed(spelled(members)))
        wanted = {"issuer": self.pick(values), "audience": self.pick(values)}
        return replace(case, **wanted)

    # ── choices: `Random.choice` and `Random.randint` take several times as long ─────────────────────────

    def pick(self, values: Sequence[Value]) -> Value:
        return values[int(self.random.random() * len(values))]

    def between(self, low: int, high: int) -> int:
        """Not evenly, where the range is longer than a double is exact."""
        return low + int(self.random.random() * (high - low + 1))

    # ── parts of cases ───────────────────────────────────────────────────────────────────────────────

    def members(self, kind: str | None = None) -> dict[str, str]:
        """The claims of a valid token, each spelled as JSON."""
        pick = self.pick
        self.kind = kind = kind or pick(KINDS)
        text = self.any_text if self.random.random() < 0.2 else plain_text
        members = {"sub": text(IDS), "jti": json.dumps(pick(JTIS))}
        if kind == "mfa_challenge":
            context = pick(("dashboard", "platform"))
            members |= {"type": '"mfa_challenge"', "context": f'"{context}"'}
            if context == "dashboard":
                members["tenantId"] = text(IDS)
        else:
            members |= {"role": text(TEXTS), "type": f'"{kind}"', "mfaEnabled": pick(("true", "false"))}
            members["mfaVerified"] = pick(("true", "false"))
        if kind == "dashboard":
            members |= {"tenantId": text(IDS), "status": text(TEXTS)}
        members |= {"iat": str(NOW - self.between(0, 900)), "exp": str(NOW + self.between(1, 900))}
        if self.random.random() < 0.8:
            members["epoch"] = pick(("0", "3", "9007199254740991"))
        return members

    def any_text(self, values: Sequence[str]) -> str:
        return json.dumps(self.pick(values), ensure_ascii=self.random.random() < 0.5)

    def asked(self, token: str) -> Case:
        """A question about a token of the latest `members`, mostly with the right expectations."""
        roll = self.random.random()
        token_type = None if roll < 0.1 else self.kind if roll < 0.9 else self.pick(KINDS)
        secrets = SECRETS[:1]
        if self.random.random() < 0.1:
            secrets = tuple(SECRETS[index] for index in self.pick(RINGS))
        return Case(token=token, secrets=secrets, now=NOW, token_type=token_type)

    def signed(self, payload: bytes | str, header: bytes | str = OWN_HEADER) -> str:
        return self.sealed(f"{encode(header)}.{encode(payload)}")

    def sealed(self, signing_input: str, secret: str = SECRETS[0]) -> str:
        return (
            f"{signing_input}.{encode(hmac.digest(secret.encode(), signing_input.encode(), hashlib.sha256))}"
        )

    def garbled(self, text: str) -> str:
        """`text` with one character more, less, or another."""
        at = self.between(0, len(text))
        kept = at + self.pick((0, 1, 1))
        return text[:at] + self.pick(("", *CHARACTERS, *CHARACTERS)) + text[kept:]

    def of_length(self, length: int) -> str:
        members = self.members()
        room = length - len(self.signed(spelled(members | {"x": '""'})))
        return self.signed(spelled(members | {"x": f'"{"a" * (room * 3 // 4 + self.between(-1, 1))}"'}))

    def number(self) -> str:
        """A number in any spelling, whose value may be that of a double only nearly."""
        pick, digit = self.pick, self.between
        whole = pick(("0", str(digit(1, 9)), str(digit(10, 10**15)), str(digit(10**14, 10**16))))
        fraction = pick(
            ("", f".{digit(0, 10**6)}", f".{'0' * digit(0, 12)}{digit(1, 10**17)}", f".{digit(0, 10**40)}")
        )
        exponent = pick(
            ("", "", f"e{digit(-20, 5)}", f"E+{digit(0, 4)}", f"e-{digit(0, 330)}", f"e{digit(-30, -10)}")
        )
        places = digit(0, 60)
        value = pick(
            (
                *(whole + fraction + exponent, whole + fraction + exponent),
                *(repr(self.random.random()), repr(self.random.random() * 2.0 ** digit(-1074, 52))),
                f"0.{'0' * digit(0, 320)}{digit(1, 10**20)}",
                # Exactly between two doubles, or a little beside it.
                *(f"{pick(('', '', '0.'))}{(2 * digit(2**52, 2**53) + 1) * 5**places}e-{places}",) * 2,
                f"{(2 * digit(2**52, 2**53) + 1) * 5**places * 1000 + pick((1, 999))}e-{places + 3}",
            )
        )
        return pick(("", "", "-")) + value

    def some(self, values: tuple[str, ...], count: int) -> list[str]:
        return self.random.sample(values, self.between(0, count))


def spelled(members: dict[str, str]) -> bytes:
    return ("{" + ",".join(f'"{name}":{value}' for name, value in members.items()) + "}").encode(
        "utf-8", "surrogatepass"
    )


def plain_text(values: Sequence[str]) -> str:
    return f'"{values[0]}"'


def encode(raw: bytes | str) -> str:
    raw = raw.encode() if isinstance(raw, str) else raw
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
