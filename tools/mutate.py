"""
Mutation testing: changes one operator, number or keyword at a time, and sees whether a test fails.

    python tools/mutate.py [--sample 200] [--seed 7] [--minutes 15] [--jobs 2] [services/lockout.py …]

A sample is drawn from the packages that decide: first a place in the code, then one of the changes that
Cosmic Ray makes there. Each mutant is tested in a copy of the package, by the tests that mirror its module
and no others, so a survivor is something that those tests do not notice. What nobody could notice is listed
with its reason in `tools/equivalent_mutants.toml`, and does not count.  Below the threshold it exits with 1.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from queue import SimpleQueue

from mutation.mirror import mirrored_tests
from mutation.mutants import EquivalentMutants, Mutant, places_in
from mutation.trial import Trial, Verdict

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "bymax_auth"
DECIDING = ("flows", "services", "jwt", "crypto", "stores/embedded")
THRESHOLD = 92.0
MEMORY = "/dev/shm"  # noqa: S108 - a folder of this run's own is made in it
"""Where there is one, tests need not wait for the disk."""


def main() -> int:
    options = arguments()
    deadline = time.monotonic() + options.minutes * 60
    modules = [Path(name) for name in options.modules] or list(deciding_modules())
    drawn = sample(modules, options.sample, random.Random(options.seed))  # noqa: S311 - no secret
    print(f"{len(drawn)} mutants of {len(modules)} modules, drawn with --seed {options.seed}", flush=True)
    verdicts = dict(tried(drawn, options.jobs, deadline))
    return report(verdicts, len(drawn))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="test the tests")
    parser.add_argument("--sample", type=int, default=200, help="how many mutants are drawn; 0 for all")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="draws the same mutants again")
    parser.add_argument("--minutes", type=float, default=15.0, help="no mutant is begun after that time")
    parser.add_argument("--jobs", type=int, default=2, help="mutants that are tested at once")
    parser.add_argument("modules", nargs="*", help="modules below src/bymax_auth")
    return parser.parse_args()


def deciding_modules() -> Iterator[Path]:
    """The modules of the packages that decide, relative to the package."""
    for package in DECIDING:
        for path in sorted((PACKAGE / package).rglob("*.py")):
            if path.name != "__init__.py":
                yield path.relative_to(PACKAGE)


def sample(modules: Iterable[Path], size: int, source: random.Random) -> list[Mutant]:
    """Draw mutants, at most one of each place, so that an operator with many replacements weighs no more."""
    places = [place for module in modules for place in places_in(PACKAGE, module)]
    drawn = places if size == 0 else source.sample(places, min(size, len(places)))
    mutants = (place.mutant(source) for place in drawn)
    known = EquivalentMutants(ROOT)
    return [mutant for mutant in mutants if mutant is not None and mutant.change not in known]


def tried(mutants: list[Mutant], jobs: int, deadline: float) -> Iterator[tuple[Mutant, Verdict]]:
    """Try each mutant until the time is over, several at once, each in a copy of the package of its own."""
    memory = MEMORY if Path(MEMORY).is_dir() else None
    with (
        tempfile.TemporaryDirectory(prefix="mutants-", dir=memory) as folder,
        ExitStack() as ended,
        ThreadPoolExecutor(jobs) as pool,
    ):
        trials: SimpleQueue[Trial] = SimpleQueue()
        for number in range(jobs):
            trials.put(ended.enter_context(closing(Trial(ROOT, Path(folder) / str(number)))))

        def attempt(mutant: Mutant) -> Verdict | None:
            if time.monotonic() > deadline:
                return None
            trial = trials.get()
            try:
                return trial.verdict(mutant, mirrored_tests(ROOT, mutant.module))
            finally:
                trials.put(trial)

        for number, (mutant, verdict) in enumerate(zip(mutants, pool.map(attempt, mutants), strict=True), 1):
            if verdict is not None:
                print(f"{number:4} {verdict.value:<9} {mutant.shown}", flush=True)
                yield mutant, verdict


def report(verdicts: dict[Mutant, Verdict], drawn: int) -> int:
    """Print what survived and the score; return the exit code."""
    survivors = [mutant for mutant, verdict in verdicts.items() if verdict is Verdict.SURVIVED]
    if survivors:
        print("\nsurvivors")
    for mutant in survivors:
        print(f"\n{mutant.shown}\n  - {mutant.change.before}\n  + {mutant.change.after}")
    broken = [mutant.shown for mutant, verdict in verdicts.items() if verdict is Verdict.NO_BASELINE]
    for shown in broken:
        print(f"\n{shown}: its tests fail without any change")
    print()
    for package in DECIDING:
        of_package = [verdict for mutant, verdict in verdicts.items() if mutant.is_below(package)]
        if of_package:
            print(f"{package}: {figures(of_package)}")
    score = killed_percent(verdicts.values())
    print(f"all: {figures(verdicts.values())}, not tried {drawn - len(verdicts)}")
    print(f"{score:.1f} % killed, {THRESHOLD:.0f} % required")
    return 0 if score >= THRESHOLD and not broken else 1


def figures(verdicts: Iterable[Verdict]) -> str:
    counts = Counter(verdicts)
    return ", ".join(f"{verdict.value.lower()} {counts[verdict]}" for verdict in Verdict if counts[verdict])


def killed_percent(verdicts: Iterable[Verdict]) -> float:
    counts = Counter(verdicts)
    noticed = counts[Verdict.KILLED] + counts[Verdict.TIMED_OUT]
    judged = noticed + counts[Verdict.SURVIVED]
    return 100.0 * noticed / judged if judged else 0.0


if __name__ == "__main__":
    sys.exit(main())
