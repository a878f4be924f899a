"""
Compares the two verifiers of tokens on generated ones, and prints every token that they judge differently.

    python tools/compare_verifiers.py [count] [seed]

Without arguments, on a million. The suite compares fifty thousand.
"""

import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.conformance.compare_verifiers import disagreements


def main() -> int:
    count, seed = (int(given) for given in (*sys.argv[1:], "1000000", "0")[:2])
    seen: Counter[str] = Counter()
    found = 0
    for line in disagreements(count, seed, seen):
        print(line, flush=True)
        found += 1
    verdicts = ", ".join(f"{times} {verdict}" for verdict, times in seen.most_common())
    print(f"{seen.total()} tokens, seed {seed}: {verdicts}; {found} disagreements")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
