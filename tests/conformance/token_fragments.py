"""What tokens are put together from, to be judged by two verifiers: values, headers and pieces of text."""

from typing import Final

__all__ = ["CHARACTERS", "FRAGMENTS", "HEADERS", "IDS", "JTIS", "NAMES", "ODD", "TEXTS"]

_HEADERS: Final = r"""
{"alg":"HS256"}
{"typ":"jwt","alg":"HS256"}
{"alg":"HS256","typ":"jWt","kid":"k"}
 {"alg" : "HS256"}
{"alg":"none"}
{"alg":"hs256"}
{"alg":"HS256 "}
{"alg":"RS256","typ":"JWT"}
{"alg":null}
{"alg":"none","crit":["exp"]}
{"alg":"HS256","crit":[]}
{"alg":"HS256","b64":false}
{"typ":"JWT"}
{"alg":"HS256","typ":"JOSE"}
{"alg":"HS256","typ":null}
{"alg":"HS256","typ":"J\u0057T"}
{"alg":"HS256","typ":"ǰWT"}
{"alg":"HS256","typ":"JWẗ"}
{"alg":"HS256","alg":"HS256"}
{"\u0061lg":"HS256"}
{"\u0061lg":"HS256","alg":"none"}
{"alg":"HS256"
{"alg":"HS256","x":{"a":1,"a":1}}
{"alg":"HS256","typ":"JWT"}x
{"alg":"HS256\ud800"}
{}
[]
"""
HEADERS: Final = (*_HEADERS.splitlines(), '\ufeff{"alg":"HS256"}')

IDS: Final = (
    "u1",
    "u" * 256,
    "u" * 257,
    "🔑" * 256,
    "🔑" * 257,
    "",
    "é",
    "a\0b",
    "\u2028",
    "ÿ" * 200,
    " ",
    '"\\/',
)
TEXTS: Final = ("MEMBER", "", "ç", "x" * 300, "dashboard", "null", "\t\n", "\U0010ffff", "\x7f")
JTIS: Final = (
    "3f0c8c1e-7b7a-4c56-9d2e-0a1b2c3d4e5f",
    "00000000-0000-4000-8000-000000000000",
    "ffffffff-ffff-4fff-bfff-ffffffffffff",
)

# Values spelled as JSON, and some that are not quite JSON.
_ODD: Final = r"""
null true false tru 0 -0 1 -1 1.0 -0.0 1e0 1E+2 0e5 1e999 -1e999 1e-400 01 +1 1. .5 1e --1 0x1 1_0
NaN Infinity -Infinity nan 9007199254740991 9007199254740992 -9007199254740991 -9007199254740992
9223372036854775807 9223372036854775808 18446744073709551617
"" "x" "dashboard" "platform" "mfa_challenge" "Dashboard" "1" [] {} ["dashboard"] 'x'
"\ud800" "\udc00\ud800" "\ud83d\ude00" "\ud83dx" "\ud83d\n" "\u00e9" "\u0000" "\x" "\u12" "\u+123" "\/"
{"a":1,"a":2} {"a":{"b":1},"b":[{"b":1}]} {"a":1,"\u0061":1} {"":1} {"":1,"":2} {"a":1,} [1,] [,1] {"a"}
"3F0C8C1E-7B7A-4C56-9D2E-0A1B2C3D4E5F" "3f0c8c1e-7b7a-1c56-9d2e-0a1b2c3d4e5f"
"3f0c8c1e-7b7a-4c56-cd2e-0a1b2c3d4e5f" "3f0c8c1e-7b7a-4c56-9d2e-0a1b2c3d4e5f\n"
"""
ODD: Final = (
    *_ODD.split(),
    *("9" * 40, "1" + "0" * 400, '"\\u0041\x1f"', '"\t"', '"\x7f"', "[[["),
    *("[" * 15 + "]" * 15, "[" * 16 + "]" * 16, '{"a":' * 14 + "1" + "}" * 14, '{"a":' * 16 + "1" + "}" * 16),
)

_NAMES: Final = r"""
sub jti tenantId role type status mfaEnabled mfaVerified context iat exp nbf epoch iss aud ext x
tenant_id \u0073ub s\u0075b \ud800 Sub sub\u0000
"""
NAMES: Final = (*_NAMES.split(), "")

_PIECES: Final = r"""
" \ , : { } [ ] 0 1 9 - + . e E null true NaN é 𝕏 \u0041 \ud800 \/ // /**/ ,"role":"ADMIN"
,"x":1 "iss":"i" ,"epoch":0
"""
FRAGMENTS: Final = (
    *(piece.encode() for piece in _PIECES.split()),
    *(b" ", b"\n", b"\t", b"\f", b"\v", b"\0", b"\x1f", b"\x7f"),
    *(piece.encode() for piece in ("\u00a0", "\u2003", "\ufeff", "\u0085")),
    *(b"\xff", b"\x80", b"\xc0\x80", b"\xe0\x80\xaf", b"\xf4\x90\x80\x80", b"\xed\xa0\x80", b"\xed\xbf\xbf"),
    *(b"\xc3", b"\xf0\x9f\x94"),
)

CHARACTERS: Final = "AQgwZaz019-_=+/. \n\té\0~"
