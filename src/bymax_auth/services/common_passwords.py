"""
Refuses common passwords, which attackers try first, without any network request.

A password is reduced to the word it is built on (`reduce_to_base_word`), so that ``P@ssw0rd!``
and ``Password2024!`` are both ``password``; the word decides.  The check is cheap; it is a
minimum, not a measure of strength.
"""

import unicodedata
from collections.abc import Iterable
from typing import Final

__all__ = ["CommonPasswordChecker", "reduce_to_base_word"]

_WORD_LIST: Final = """
access account admin administrator andrew angel anything apple arsenal asdfgh asdfghjk asdfghjkl ashley
asshole autumn azerty baby barcelona baseball basketball batman blessed bullshit business buster butterfly
changeme charlie cheese chelsea chocolate company computer contrasena cookie corvette daniel darling
december default demo diamond director dragon facebook february ferrari flower football forever fortnite
freedom friday fuckoff fuckyou george ginger golden google guest harley hockey honey hunter iamgod
ihateyou ilovegod iloveyou internet january jennifer jessica jesus jesuschrist jordan joshua juventus
killer kisses legend letmein letmeinnow lightning liverpool login lovely loveyou maggie manager manchester
manutd master matthew mercedes michael microsoft minecraft monday money monkey motdepasse mustang
nevermind nicole nothing november october office orange passwd password passwort peanut pepper phoenix
poiuytrewq pokemon porsche prince princess private purple qazwsx qazwsxedc qweasd qweasdzxc qwerty
qwertyui qwertyuiop qwertz ranger realmadrid robert root sample samsung secret secure security senha
september service shadow silver snoopy soccer softball spiderman spring starwars summer sunday sunshine
superman support sweetheart taylor temporary temppassword test testing thomas thunder tigger together toor
trustno user username warrior welcome whatever whatsup william windows winter wsxedc yellow zxcvbn zxcvbnm
"""
_WORDS: Final = frozenset(_WORD_LIST.split())

_LOOKALIKES: Final = str.maketrans("01345789@$!|+", "oieastbgasiit")
_MARKS: Final = frozenset({"Mn", "Mc", "Nl"})
_RUNS: Final = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiopasdfghjklzxcvbnm")
_BOTH_WAYS: Final = (*_RUNS, *(run[::-1] for run in _RUNS))
_SHORTEST: Final = 4
_LONGEST_UNIT: Final = 4


class CommonPasswordChecker:
    """Implements `PasswordBreachChecker`.  `extra_words` are the host's own, such as its product's name."""

    def __init__(self, extra_words: Iterable[str] = ()) -> None:
        self._words = _WORDS | {reduce_to_base_word(word) for word in extra_words}

    async def is_breached(self, password: str) -> bool:
        """Implements `PasswordBreachChecker`."""
        base = reduce_to_base_word(password)
        return len(base) < _SHORTEST or self._is_listed(base) or _is_a_pattern(base)

    def _is_listed(self, base: str) -> bool:
        units = (base[:length] for length in range(1, len(base) + 1))
        return any(unit in self._words and unit * (len(base) // len(unit)) == base for unit in units)


def reduce_to_base_word(password: str) -> str:
    """
    Return the word that a password is built on.

    Whatever follows the last letter is dropped before lookalikes are replaced by letters: the digits at
    the end of ``qwerty123`` are a suffix, those inside ``p4ssw0rd`` stand for letters.
    """
    lowered = unicodedata.normalize("NFC", password).lower()
    length = len(lowered)
    while length and not _is_alphabetic(lowered[length - 1]):
        length -= 1
    spelled = lowered[:length].translate(_LOOKALIKES)
    return "".join(character for character in spelled if _is_alphabetic(character) or character.isnumeric())


def _is_alphabetic(character: str) -> bool:
    return character.isalpha() or unicodedata.category(character) in _MARKS


def _is_a_pattern(base: str) -> bool:
    return any(base in run for run in _BOTH_WAYS) or any(
        len(base) > 2 * unit and base == base[:unit] * (len(base) // unit)
        for unit in range(1, _LONGEST_UNIT + 1)
    )
