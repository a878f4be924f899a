"""
Side by side: contestants take turns within one run, so that a busy moment of the machine meets all.

    warm up, calibrate ─▶ round 1: a b c ─▶ round 2: a b c ─▶ … ─▶ median and spread of each

Each turn is one sample: as many operations as fill `Plan.sample_seconds`, so that the clock's own
resolution does not matter.
"""

import gc
import os
import statistics
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

__all__ = ["Figures", "Plan", "Turn", "cpu_turn", "interleaved", "pinned", "ratio"]

Turn = Callable[[int], int]
"""Runs an operation that many times and returns the nanoseconds that all of them took together."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to measure: samples of each contestant, the length of one, and calls before the first."""

    samples: int
    sample_seconds: float
    warm_ups: int = 20

    @classmethod
    def of(cls, *, quick: bool) -> Self:
        """Return the plan whose figures are published, or one that only shows that everything runs."""
        return cls(samples=3, sample_seconds=0.01) if quick else cls(samples=21, sample_seconds=0.08)


@dataclass(frozen=True, slots=True)
class Figures:
    """Samples of one contestant, in nanoseconds per operation."""

    samples: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle sample."""
        return statistics.median(self.samples)

    @property
    def spread(self) -> float:
        """The median of how far samples are from the median."""
        middle = self.median
        return statistics.median(abs(sample - middle) for sample in self.samples)


def interleaved(turns: Mapping[str, Turn], plan: Plan) -> dict[str, Figures]:
    """Return the figures of each contestant, measured in turns."""
    counts = {name: _calibrated(turn, plan) for name, turn in turns.items()}
    samples: dict[str, list[float]] = {name: [] for name in turns}
    for _ in range(plan.samples):
        for name, turn in turns.items():
            gc.collect()
            samples[name].append(turn(counts[name]) / counts[name])
    return {name: Figures(tuple(values)) for name, values in samples.items()}


def ratio(figures: Figures, to: Figures) -> float:
    """Return how many times `to` the figures are, as medians."""
    return figures.median / to.median


def cpu_turn(call: Callable[[], object]) -> Turn:
    """Return what measures the processor time, of every thread, of a plain call."""

    def measured(times: int) -> int:
        started = time.process_time_ns()
        for _ in range(times):
            call()
        return time.process_time_ns() - started

    return measured


@contextmanager
def pinned() -> Generator[None, None, None]:
    """Keep this process on one core meanwhile, where the system can do that."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _calibrated(turn: Turn, plan: Plan) -> int:
    """Warm up, and return how many operations fill a sample."""
    turn(plan.warm_ups)
    per_operation = max(1.0, turn(plan.warm_ups) / plan.warm_ups)
    return max(1, round(plan.sample_seconds * 1e9 / per_operation))
