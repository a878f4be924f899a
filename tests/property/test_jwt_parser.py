"""Whatever is presented as a token is either one of ours, or refused as a token."""

import base64
import json
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from bymax_auth.errors import TokenInvalid
from bymax_auth.jwt import KeyRing, Verification, sign, verify
from bymax_auth.jwt.canonical import read_canonical, write_canonical
from bymax_auth.jwt.claims import Claims, TokenType, read
from bymax_auth.jwt.strict_json import read_object
from bymax_auth.types.claims import DashboardClaims, MfaTempClaims, PlatformClaims
from bymax_auth.types.extra_claims import freeze_extra_claims
from bymax_auth.types.secret import Secret

SECRET = "0123456789abcdef0123456789abcdef"
KEYS = KeyRing(Secret(SECRET), (Secret("f" * 32),))
NOW = 1767323055
KINDS: tuple[TokenType, ...] = ("dashboard", "platform", "mfa_challenge")

ids = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=20) | st.sampled_from(
    ["u", "u" * 256]
)
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
bindings = st.none() | texts
jtis = st.uuids(version=4).map(str)
issued = st.integers(-(2**53) + 1, NOW)
expiries = st.integers(NOW + 1, 2**53 - 1)
epochs = st.integers(0, 2**53 - 1)

tokens: dict[str, st.SearchStrategy[object]] = {
    "sub": ids,
    "jti": jtis,
    "iat": issued,
    "exp": expiries,
    "epoch": epochs,
    "iss": bindings,
    "aud": bindings,
}
sessions = tokens | {"role": texts, "mfa_enabled": st.booleans(), "mfa_verified": st.booleans()}
dashboards = st.fixed_dictionaries(
    sessions | {"tenant_id": ids, "status": texts, "type": st.just("dashboard")}
).map(DashboardClaims.model_validate)
platforms = st.fixed_dictionaries(sessions | {"type": st.just("platform")}).map(PlatformClaims.model_validate)
mfa_temps = st.tuples(
    st.fixed_dictionaries(tokens | {"type": st.just("mfa_challenge")}),
    st.fixed_dictionaries({"context": st.just("dashboard"), "tenant_id": ids})
    | st.just({"context": "platform"}),
).map(lambda parts: MfaTempClaims.model_validate(parts[0] | parts[1]))
any_claims = dashboards | platforms | mfa_temps

D = {
    "sub": "u1",
    "jti": "3f0c8c1e-7b7a-4c56-9d2e-0a1b2c3d4e5f",
    "tenantId": "tenant-a",
    "role": "MEMBER",
    "type": "dashboard",
    "status": "ACTIVE",
    "mfaEnabled": False,
    "mfaVerified": True,
    "iat": NOW - 10,
    "exp": NOW + 900,
    "epoch": 3,
}
PAYLOAD = json.dumps(D, separators=(",", ":"))
odd = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        1.0,
        2**53,
        "",
        "x" * 257,
        [],
        {},
        ["dashboard"],
        "dashboard",
        "platform",
        "mfa_challenge",
    ]
)
fragments = st.sampled_from(
    [
        *('"', "\\", ",", ":", "{", "}", "[", "]", " ", "\n", "0", "1", "-", ".", "e", "é", "\ufeff"),
        *("\\u0041", "\\ud800", "true", "null", "NaN", "aud", "tenant_id"),
        *(',"role":"ADMIN"', ',"x":1', '"iss":"i"', ',"aud":"a"', ',"epoch":0'),
    ]
)


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


HEADER = b64(b'{"alg":"HS256","typ":"JWT"}')


def signed(payload: str) -> str:
    signing_input = f"{HEADER}.{b64(payload.encode())}"
    return f"{signing_input}.{b64(KEYS.tag(signing_input.encode()))}"


def outcome(judge: Callable[[], Claims | None]) -> Claims | None:
    try:
        return judge()
    except ValueError:
        return None


@st.composite
def spliced(draw: st.DrawFn, text: str) -> str:
    """`text` with a piece of it replaced, once or a few times."""
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 6)))
        text = text[:start] + draw(fragments | st.just("")) + text[end:]
    return text


@given(any_claims)
def test_what_is_signed_comes_back(claims: Claims) -> None:
    """Someone, by chance of their name, could not sign in."""
    token = sign(claims, KEYS)
    assert verify(token, Verification(expected_type=claims.type), KEYS, NOW) == claims


@given(st.text() | st.text(alphabet="eyJ.-_=AQ", max_size=60), st.sampled_from(KINDS))
def test_any_text_is_refused_as_a_token(text: str, kind: TokenType) -> None:
    """A hostile header would become a server error."""
    try:
        verify(text, Verification(expected_type=kind), KEYS, NOW)
    except TokenInvalid:
        return
    raise AssertionError("a text nobody signed was accepted")


@given(st.data())
def test_no_change_of_a_signed_token_is_accepted(data: st.DataObject) -> None:
    """A person could rewrite their own token."""
    token = signed(PAYLOAD)
    at = data.draw(st.integers(0, len(token) - 1))
    changed = token[:at] + data.draw(st.sampled_from("AQgwz09-_=+/.\n é")) + token[at + 1 :]
    if changed != token:
        try:
            verify(changed, Verification(expected_type="dashboard"), KEYS, NOW)
        except TokenInvalid:
            return
        raise AssertionError("a changed token was accepted")


@given(
    st.dictionaries(st.sampled_from([*D, "iss", "aud", "ext", "x", "tenant_id"]), odd), st.sampled_from(KINDS)
)
def test_odd_claims_are_refused_and_never_an_error(changed: dict[str, object], kind: TokenType) -> None:
    """A token signed by a careless sibling would become a server error."""
    payload = json.dumps(D | changed)
    try:
        claims = verify(signed(payload), Verification(expected_type=kind), KEYS, NOW)
    except TokenInvalid:
        return
    sent = D | changed
    read_back = claims.model_dump(by_alias=True, exclude_none=True, exclude_unset=True)
    if "ext" not in sent:
        assert not read_back.pop("ext", None)
    assert all(sent.get(name) == value for name, value in read_back.items())


@given(spliced(PAYLOAD) | spliced(PAYLOAD[:-1] + ',"iss":"i","aud":"a"}'))
def test_the_fast_reading_agrees_with_the_strict_one(payload: str) -> None:
    """A token spelled just right would get around the strict rules."""
    fast = read_canonical(payload, "dashboard")
    if fast is not None:
        assert fast == outcome(lambda: read(read_object(payload), "dashboard"))


@given(dashboards | platforms)
def test_the_fast_reading_knows_nearly_everything_we_sign(claims: DashboardClaims | PlatformClaims) -> None:
    """Every request would pay for the slow reading."""
    payload = json.dumps(
        claims.model_dump(by_alias=True, exclude_none=True), ensure_ascii=False, separators=(",", ":")
    )
    plain = "\\" not in payload and max(claims.exp, claims.epoch) < 10**15 and claims.iat >= 0
    assert (read_canonical(payload, claims.type) == claims) is plain


@given(dashboards)
def test_the_fast_writing_is_the_models_own(claims: DashboardClaims) -> None:
    """A claim could end early at a quote in it, and go on as another claim."""
    payload = claims.model_dump_json(by_alias=True, exclude_none=True, exclude={"ext"})
    assert write_canonical(claims) == (None if "\\" in payload else payload)
    with_a_quote = claims.model_copy(update={"jti": f'{claims.jti}","ext":{{"plan":"pro"}},"x":"'})
    assert write_canonical(with_a_quote) is None
    extended = claims.model_copy(update={"ext": freeze_extra_claims({"plan": "pro"})})
    assert write_canonical(extended) is None


@given(st.sampled_from(["none", "None", "HS512", "RS256", "hs256", "HS256 ", ""]) | texts | odd)
def test_no_other_algorithm_is_accepted(alg: object) -> None:
    """A forger would choose the algorithm."""
    header = b64(json.dumps({"alg": alg, "typ": "JWT"}).encode())
    signing_input = f"{header}.{b64(PAYLOAD.encode())}"
    token = f"{signing_input}.{b64(KEYS.tag(signing_input.encode()))}"
    try:
        verify(token, Verification(expected_type="dashboard"), KEYS, NOW)
    except TokenInvalid:
        assert alg != "HS256"
    else:
        assert alg == "HS256"
