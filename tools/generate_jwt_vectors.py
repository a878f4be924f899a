"""
Writes `conformance/jwt-vectors.json`: tokens, and what a verifier must say about each.

Built without the codec it tests, so that a mistake of the codec cannot write itself into the
expectations.  `--check` writes nothing and fails when the file is stale.
"""

import base64
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from jwt_tokens import (
    AUDIENCE,
    BOUND,
    EXPIRES,
    HEADER,
    ISSUED,
    ISSUER,
    JTI,
    MP,
    NOW,
    TOLERANCE,
    D,
    M,
    P,
    Vector,
    b64,
    compact,
    seal,
    sign,
    vector,
    with_member,
    without,
)

FILE = Path(__file__).resolve().parent.parent / "conformance" / "jwt-vectors.json"


def positive() -> Iterator[Vector]:
    yield vector("dashboard", sign(compact(D)), "valid")
    yield vector("platform", sign(compact(P)), "valid", expectedType="platform")
    yield vector("second factor of a dashboard user", sign(compact(M)), "valid", expectedType="mfa_challenge")
    yield vector("second factor of an operator", sign(compact(MP)), "valid", expectedType="mfa_challenge")
    yield vector("bound", sign(compact(BOUND)), "valid", issuer=ISSUER, audience=AUDIENCE)
    yield vector("bound, verifier does not ask", sign(compact(BOUND)), "valid")


def headers() -> Iterator[Vector]:
    payload = compact(D)
    unsigned = f"{b64(compact({'alg': 'none', 'typ': 'JWT'}))}.{b64(payload)}."
    yield vector("alg none, no signature", unsigned, "unsupported_alg")
    for alg in ("none", "nOnE", "None", "hs256", "HS256 ", "HS384", "HS512", "RS256", "ES256"):
        token = sign(payload, compact({"alg": alg, "typ": "JWT"}))
        yield vector(f"alg {alg!r}, well signed", token, "unsupported_alg")
    for name, header, verdict in (
        ("no alg", '{"typ":"JWT"}', "unsupported_alg"),
        ("alg a number", '{"alg":5,"typ":"JWT"}', "unsupported_alg"),
        ("alg null", '{"alg":null}', "unsupported_alg"),
        ("alg a list", '{"alg":["HS256"]}', "unsupported_alg"),
        ("alg twice", '{"alg":"none","alg":"HS256"}', "malformed"),
        ("alg twice, once escaped", '{"alg":"none","\\u0061lg":"HS256"}', "malformed"),
        ("alg none and crit", '{"alg":"none","crit":["exp"]}', "unsupported_alg"),
        ("crit", '{"alg":"HS256","typ":"JWT","crit":["exp"]}', "malformed"),
        ("empty crit", '{"alg":"HS256","typ":"JWT","crit":[]}', "malformed"),
        ("null crit", '{"alg":"HS256","crit":null}', "malformed"),
        ("b64", '{"alg":"HS256","typ":"JWT","b64":true}', "malformed"),
        ("typ of another thing", '{"alg":"HS256","typ":"JOSE"}', "malformed"),
        ("typ a number", '{"alg":"HS256","typ":5}', "malformed"),
        ("typ null", '{"alg":"HS256","typ":null}', "malformed"),
        ("no typ", '{"alg":"HS256"}', "valid"),
        ("typ in lower case", '{"alg":"HS256","typ":"jwt"}', "valid"),
        ("a key id", '{"alg":"HS256","typ":"JWT","kid":"k1"}', "valid"),
        ("members in another order", '{"typ":"JWT","alg":"HS256"}', "valid"),
        ("white space between tokens", ' {"alg" : "HS256"}\n', "valid"),
        ("16 levels", '{"alg":"HS256","x":' + "[" * 15 + "]" * 15 + "}", "valid"),
        ("17 levels", '{"alg":"HS256","x":' + "[" * 16 + "]" * 16 + "}", "malformed"),
        ("a lone surrogate", '{"alg":"HS256","x":"\\ud800"}', "malformed"),
        ("a list", '["HS256"]', "malformed"),
        ("empty", "", "malformed"),
    ):
        yield vector(f"header: {name}", sign(payload, header), verdict)
    for name, raw in (
        ("byte order mark", b"\xef\xbb\xbf" + HEADER.encode()),
        ("not UTF-8", b'{"alg":"HS256\xff"}'),
    ):
        yield vector(f"header: {name}", sign(payload, raw), "malformed")


def framing() -> Iterator[Vector]:
    token = sign(compact(D))
    head, payload, signature = token.split(".")
    raw = base64.urlsafe_b64decode(signature + "=")
    stray = b64('{"alg":"HS256","t":12}')[:-1] + "R"
    edited = b64(compact(D | {"role": "ADMIN"}))
    yield vector("payload edited under the old signature", f"{head}.{edited}.{signature}", "bad_signature")
    yield vector("signed with another key", sign(compact(D), secret="f" * 32), "bad_signature")
    retired = sign(compact(D), secret="f" * 32)
    yield vector("signed with a retired key", retired, "valid", previousSecrets=["f" * 32])
    yield vector("signed with the second retired key", retired, "valid", previousSecrets=["e" * 32, "f" * 32])
    yield vector("signed with none of the keys", retired, "bad_signature", previousSecrets=["e" * 32])
    yield vector("signature of 31 bytes", f"{head}.{payload}.{b64(raw[:31])}", "bad_signature")
    yield vector("signature of 33 bytes", f"{head}.{payload}.{b64(raw + bytes(1))}", "bad_signature")
    yield vector("empty signature", f"{head}.{payload}.", "bad_signature")
    yield vector("space before the payload", f"{head}. {payload}.{signature}", "bad_signature")
    for name, bad in (
        ("signature one character short", token[:-1]),
        ("signature with stray trailing bits", f"{token[:-1]}Z"),
        ("signature with padding", f"{token}="),
        ("signature in the standard alphabet", token.replace("-", "+").replace("_", "/")),
        ("line feed after the signature", f"{token}\n"),
        ("space before the header", f" {token}"),
        ("non-ASCII letter", f"{head}.{payload}é.{signature}"),
        ("one segment", head),
        ("two segments", f"{head}.{payload}"),
        ("four segments", f"{token}.{signature}"),
        ("two dots and nothing", ".."),
        ("empty", ""),
        ("payload with padding, signed so", seal(f"{head}.{payload}=")),
        ("payload of an impossible length, signed so", seal(f"{head}.{payload}AA")),
        ("payload with stray trailing bits, signed so", seal(f"{head}.{payload[:-1]}1")),
        ("header with stray trailing bits", seal(f"{stray}.{payload}")),
    ):
        yield vector(name, bad, "malformed")
    yield vector("extra claim of 8,000 characters", sign(compact(D | {"x": "a" * 8000})), "malformed")


def payloads() -> Iterator[Vector]:
    plain = compact(D)
    for name, payload, verdict in (
        ("a claim twice", plain[:-1] + ',"role":"ADMIN"}', "decode"),
        ("a claim twice, once escaped", plain[:-1] + ',"\\u0072ole":"ADMIN"}', "decode"),
        ("a name twice below the top", plain[:-1] + ',"x":{"a":1,"a":2}}', "decode"),
        ("a name twice in a list", plain[:-1] + ',"x":[{"y":{"a":1,"a":1}}]}', "decode"),
        ("white space between tokens", json.dumps(D, indent=1) + "\n", "valid"),
        ("claims in another order", compact(dict(reversed(D.items()))), "valid"),
        ("an unknown claim", compact(D | {"tenantDomain": "acme.test"}), "valid"),
        (
            "an unknown claim named as an attribute",
            compact(D | {"tenant_id": "other", "mfa_verified": True}),
            "valid",
        ),
        ("an escaped letter", plain.replace("MEMBER", "\\u004dEMBER"), "valid"),
        ("a surrogate pair", plain.replace("MEMBER", "\\ud83d\\udd11"), "valid"),
        ("letters beyond ASCII", compact(D | {"sub": "açaí 🔑"}), "valid"),
        ("a lone surrogate", plain.replace("MEMBER", "\\ud800"), "decode"),
        ("a lone surrogate in an unknown claim", plain[:-1] + ',"x":"\\udfff"}', "decode"),
        ("a lone surrogate as a name", plain[:-1] + ',"\\ud800":1}', "decode"),
        ("a control character", plain.replace("MEMBER", "MEM\tBER"), "decode"),
        ("data after the object", plain + "x", "decode"),
        ("a second object", plain + plain, "decode"),
        ("a list", "[]", "decode"),
        ("a string", '"' + "a" * 12 + '"', "decode"),
        ("nothing", "", "decode"),
        ("3000 brackets", "[" * 3000, "decode"),
        ("3000 unclosed lists in a claim", plain[:-1] + ',"x":' + "[" * 2700, "decode"),
        ("16 levels", plain[:-1] + ',"x":' + '{"y":' * 14 + "[]" + "}" * 14 + "}", "valid"),
        ("17 levels", plain[:-1] + ',"x":' + '{"y":' * 15 + "[]" + "}" * 15 + "}", "decode"),
        ("many brackets in a string", plain[:-1] + ',"x":"' + '[{\\"' * 40 + '"}', "valid"),
        ("many flat lists", plain[:-1] + ',"x":[' + ",".join(["[]"] * 40) + "]}", "valid"),
        ("an infinite number in an unknown claim", plain[:-1] + ',"x":-Infinity}', "decode"),
        ("single quotes", plain.replace('"', "'"), "decode"),
    ):
        yield vector(f"payload: {name}", sign(payload), verdict)
    for name, raw in (
        ("byte order mark", b"\xef\xbb\xbf" + plain.encode()),
        ("UTF-16", plain.encode("utf-16")),
        ("UTF-32", plain.encode("utf-32-be")),
        ("not UTF-8", plain.encode().replace(b"tenant-a", b"tenant-\xff")),
        (
            "a surrogate encoded as if it were a character",
            plain.encode().replace(b"tenant-a", b"\xed\xa0\x80"),
        ),
    ):
        yield vector(f"payload: {name}", sign(raw), "decode")


def claims() -> Iterator[Vector]:
    for name, spelling, verdict in (
        *(
            ("exp", spelling, "decode")
            for spelling in ("1767323945.0", "1.767323945e9", '"1767323945"', "true", "NaN")
        ),
        *(
            ("exp", spelling, "decode")
            for spelling in ("Infinity", "null", "[]", "01767323945", "+1767323945")
        ),
        ("exp", str(2**53 - 1), "valid"),
        *(("exp", spelling, "decode") for spelling in (str(2**53), str(2**63), "9" * 2000)),
        ("exp", "9" * 5000, "malformed"),  # the token is too long before anybody reads the number
        ("iat", str(-(2**53) + 1), "valid"),
        ("iat", "-0", "valid"),
        *(("iat", spelling, "decode") for spelling in (str(-(2**53)), "false", "1e3")),
        *(("epoch", spelling, "valid") for spelling in ("0", str(2**53 - 1))),
        *(("epoch", spelling, "decode") for spelling in ("-1", "null", '"1"', "true", "1.0", str(2**53))),
        *(("mfaVerified", spelling, "decode") for spelling in ("1", "null", '"true"')),
        *(("mfaEnabled", spelling, "decode") for spelling in ("0", "null")),
        ("tenantId", compact("t" * 256), "valid"),
        *(("tenantId", spelling, "decode") for spelling in ("null", '""', "1", compact("t" * 257))),
        *(("sub", compact(value), "valid") for value in ("u" * 256, "🔑" * 256)),
        *(("sub", spelling, "decode") for spelling in ('""', "7", "null", compact("u" * 257))),
        *(
            ("role", spelling, verdict)
            for spelling, verdict in (('""', "valid"), ("null", "decode"), ("[]", "decode"))
        ),
        *(
            ("status", spelling, verdict)
            for spelling, verdict in (('""', "valid"), ("null", "decode"), ("1", "decode"))
        ),
        *(
            ("jti", compact(value), "decode")
            for value in ("x", "", JTI.upper(), JTI + "\n", JTI.replace("-", ""))
        ),
        *(
            ("jti", compact(value), "decode")
            for value in (JTI.replace("-4c", "-1c"), JTI.replace("-9d", "-cd"), 4)
        ),
        *(("iss", spelling, "valid") for spelling in ("null", '"anyone"')),
        *(("aud", spelling, "valid") for spelling in ("null", '"anyone"')),
        *((name, spelling, "decode") for name in ("iss", "aud") for spelling in ('["dashboard"]', "1", "{}")),
        *(
            ("type", compact(value), "decode")
            for value in ("session", "platform", "mfa_challenge", "Dashboard", None)
        ),
    ):
        shown = spelling if len(spelling) <= 40 else f"{spelling[:8]}… of {len(spelling)}"
        yield vector(f"claim {name}: {shown}", sign(with_member(D, name, spelling)), verdict)
    for name in D:
        verdict = "valid" if name == "epoch" else "decode"
        yield vector(f"claim {name} missing", sign(without(D, name)), verdict)


def types() -> Iterator[Vector]:
    every = {"dashboard": D, "platform": P, "mfa_challenge": M}
    for held, payload in every.items():
        for expected in (kind for kind in every if kind != held):
            yield vector(f"{held} as {expected}", sign(compact(payload)), "decode", expectedType=expected)
    for name in P:
        verdict = "valid" if name == "epoch" else "decode"
        yield vector(f"platform, {name} missing", sign(without(P, name)), verdict, expectedType="platform")
    operators = compact(P | {"tenantId": 5, "status": None})
    yield vector(
        "platform, claims of users are unknown there", sign(operators), "valid", expectedType="platform"
    )
    relabelled = sign(compact(P | {"type": "dashboard"}))
    yield vector("platform claims under the dashboard's type", relabelled, "decode")
    for name, payload, verdict in (
        *((f"{name} missing", without(M, name), "valid" if name == "epoch" else "decode") for name in M),
        ("operator with a tenant", compact(MP | {"tenantId": "tenant-a"}), "decode"),
        ("operator with a null tenant", compact(MP | {"tenantId": None}), "decode"),
        ("operator with an unknown claim `tenant_id`", compact(MP | {"tenant_id": "tenant-a"}), "valid"),
        ("user without a tenant", compact(M | {"tenantId": ""}), "decode"),
        ("tenant of 257 characters", compact(M | {"tenantId": "t" * 257}), "decode"),
        ("subject of 257 characters", compact(M | {"sub": "u" * 257}), "decode"),
        ("another context", compact(M | {"context": "support"}), "decode"),
        ("context a number", compact(M | {"context": 1}), "decode"),
    ):
        yield vector(f"second factor, {name}", sign(payload), verdict, expectedType="mfa_challenge")


def extra() -> Iterator[Vector]:
    """The host's own claims: an object of at most 1024 bytes of compact JSON, exact everywhere."""
    full = "a" * (1024 - len('{"x":""}'))
    for name, spelling, verdict in (
        ("empty", "{}", "valid"),
        ("of every type", '{"a":"açaí 🔑","b":[1,-0.5,true,null,[]],"c":{"d":{}}}', "valid"),
        ("named as a claim", '{"role":"ADMIN","ext":{"sub":"u2"}}', "valid"),
        ("white space between tokens", '{ "a" : 1 }', "valid"),
        ("an escaped name", '{"\\u0061":"\\n"}', "valid"),
        ("1024 bytes", compact({"x": full}), "valid"),
        ("1024 bytes after white space", '{"x" : ' + compact(full) + "}", "valid"),
        ("1025 bytes", compact({"x": full + "a"}), "decode"),
        ("1026 bytes in 1025 characters", compact({"x": full + "ç"}), "decode"),
        ("14 levels of lists", '{"x":' + "[" * 14 + "]" * 14 + "}", "valid"),
        ("15 levels of lists", '{"x":' + "[" * 15 + "]" * 15 + "}", "decode"),
        ("the greatest integer", '{"x":' + str(2**53 - 1) + "}", "valid"),
        ("a greater integer", '{"x":' + str(2**53) + "}", "decode"),
        ("a greater whole number", '{"x":1e20}', "decode"),
        ("a smaller integer", '{"x":' + str(-(2**53)) + "}", "decode"),
        ("a number beyond every double", '{"x":1e999}', "decode"),
        ("not a number", '{"x":NaN}', "decode"),
        ("a name twice", '{"x":1,"x":1}', "decode"),
        ("a lone surrogate", '{"x":"\\ud800"}', "decode"),
        ("a control character", '{"x":"\t"}', "decode"),
        ("an object and a claim twice", '{"x":{}},"role":"ADMIN","y":{}', "decode"),
        *((shown, shown, "decode") for shown in ("null", "[]", '"{}"', "1", "true", "")),
    ):
        payload = compact(D)[:-1] + f',"ext":{spelling}' + "}"
        yield vector(f"ext: {name or 'nothing'}", sign(payload), verdict)
    first = '{"ext":{"a":1},' + compact(D)[1:]
    yield vector("ext before the other claims", sign(first), "valid")
    twice = compact(D)[:-1] + ',"ext":{},"ext":{}}'
    yield vector("ext twice", sign(twice), "decode")
    bound = compact(BOUND)[:-1] + ',"ext":{"a":1}}'
    yield vector("ext in a bound token", sign(bound), "valid", issuer=ISSUER, audience=AUDIENCE)
    for kind, payload in (("platform", P), ("mfa_challenge", M)):
        unknown = sign(compact(payload | {"ext": 5}))
        yield vector(f"{kind}, ext is unknown there", unknown, "valid", expectedType=kind)


def times() -> Iterator[Vector]:
    token = sign(compact(D))
    yield vector("expired in this second", token, "expired", now=EXPIRES)
    yield vector("expires in the next second", token, "valid", now=EXPIRES - 1)
    yield vector("expired, leeway over", token, "expired", now=EXPIRES + 30, expLeeway=30)
    yield vector("expired, within the leeway", token, "valid", now=EXPIRES + 29, expLeeway=30)
    yield vector("issued in this second", token, "valid", now=ISSUED)
    yield from ahead("issued", token, ISSUED)
    starting = sign(compact(D | {"nbf": NOW}))
    yield vector("not before this second", starting, "valid")
    yield from ahead("not before", starting, NOW)
    yield vector("not before a time in the past", sign(compact(D | {"nbf": 0})), "valid")
    yield vector(
        "not before a moment after the expiry", sign(compact(D | {"nbf": EXPIRES + 61})), "malformed"
    )
    for spelling in ("null", '"1767323055"', "1767323055.0", "true", "[]", str(2**53), str(-(2**53))):
        yield vector(f"claim nbf: {spelling}", sign(with_member(D, "nbf", spelling)), "decode")


def ahead(name: str, token: str, start: int) -> Iterator[Vector]:
    """A host whose clock is ahead of the verifier's by up to a minute."""
    for seconds in (1, 2, 5, TOLERANCE):
        yield vector(f"{name} {seconds} s ahead of this clock", token, "valid", now=start - seconds)
    beyond = TOLERANCE + 1
    yield vector(f"{name} {beyond} s ahead of this clock", token, "malformed", now=start - beyond)
    yield vector(f"{name} ahead, no leeway", token, "malformed", now=start - 1, iatLeeway=0)
    yield vector(f"{name} ahead, within another leeway", token, "valid", now=start - 90, iatLeeway=90)
    yield vector(f"{name} ahead, beyond another leeway", token, "malformed", now=start - 91, iatLeeway=90)


def binding() -> Iterator[Vector]:
    both = {"issuer": ISSUER, "audience": AUDIENCE}
    yield vector("unbound token, bound verifier", sign(compact(D)), "malformed", **both)
    yield vector("unbound token, issuer asked for", sign(compact(D)), "malformed", issuer=ISSUER)
    yield vector("unbound token, audience asked for", sign(compact(D)), "malformed", audience=AUDIENCE)
    for name, changed, verdict in (
        ("right pair", {}, "valid"),
        ("wrong audience", {"aud": "mobile"}, "malformed"),
        ("wrong issuer", {"iss": "https://api.example.com/"}, "malformed"),
        ("null issuer", {"iss": None}, "malformed"),
        ("audience in a list", {"aud": ["dashboard"]}, "decode"),
    ):
        yield vector(f"bound verifier, {name}", sign(compact(BOUND | changed)), verdict, **both)


def precedence() -> Iterator[Vector]:
    """Two faults at once: the earlier rule decides."""
    late = EXPIRES + 1000
    yield vector("expired and bound to others", sign(compact(D)), "malformed", now=late, issuer="x")
    yield vector("expired and of another type", sign(compact(D)), "decode", now=late, expectedType="platform")
    yield vector("expired and incomplete", sign(without(D, "tenantId")), "decode", now=late)
    future = sign(compact(D | {"iat": late + TOLERANCE + 1}))
    yield vector("expired and from the future", future, "malformed", now=late)
    yield vector("expired and forged", sign(compact(D), secret="f" * 32), "bad_signature", now=late)
    forged_list = sign("[]", secret="f" * 32)
    yield vector("no object and forged", forged_list, "bad_signature")
    stray = f"{sign(compact(D), compact({'alg': 'RS256'}))}="
    yield vector("another algorithm and a bad signature segment", stray, "unsupported_alg")


def sizes() -> Iterator[Vector]:
    room = 4096 - len(sign(compact(D | {"x": ""})))
    fitting = next(n for n in range(room, 0, -1) if len(sign(compact(D | {"x": "a" * n}))) == 4096)
    yield vector("4096 characters", sign(compact(D | {"x": "a" * fitting})), "valid")
    yield vector("4097 characters and more", sign(compact(D | {"x": "a" * (fitting + 1)})), "malformed")
    for length in (1, 64, 65, 4096):
        secret = "k" * length
        yield vector(f"secret of {length} bytes", sign(compact(D), secret=secret), "valid", secret=secret)
    accented = "ç" * 40
    yield vector("secret beyond ASCII", sign(compact(D), secret=accented), "valid", secret=accented)


GROUPS = (positive, headers, framing, payloads, claims, extra, types, times, binding, precedence, sizes)


def main() -> int:
    vectors = [vector for group in GROUPS for vector in group()]
    names = [vector["name"] for vector in vectors]
    if len(set(names)) != len(names):
        print("two vectors share a name", file=sys.stderr)
        return 1
    text = "[\n" + ",\n".join(json.dumps(vector, ensure_ascii=False) for vector in vectors) + "\n]\n"
    if sys.argv[1:] == ["--check"]:
        fresh = FILE.exists() and FILE.read_text(encoding="utf-8") == text
        return 0 if fresh else 1
    FILE.write_text(text, encoding="utf-8")
    print(f"{len(vectors)} vectors")
    return 0


if __name__ == "__main__":
    sys.exit(main())
