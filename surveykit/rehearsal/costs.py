"""What a stage costs: seconds on the clock, seconds of processors, the most memory so far."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Final, TypeVar

T = TypeVar("T")

_KILO: Final = 1024  # getrusage(2) of Linux counts memory in KiB


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The cost of a stage.

    Parameters
    ----------
    name : str
    seconds, processor : float
        On the clock, and of all processes together.
    memory : float
        The most that one process has held so far, in megabytes; 0 where the system does not say.
    """

    name: str
    seconds: float
    processor: float
    memory: float


def measured(name: str, made: Callable[[], T]) -> tuple[T, Cost]:
    """Do something and return what it made with what it cost."""
    start, before = time.monotonic(), _used()
    result = made()
    after = _used()
    cost = Cost(name=name, seconds=time.monotonic() - start, processor=after[0] - before[0], memory=after[1])
    return result, cost


def _used() -> tuple[float, float]:
    system = _resource()
    if system is None:
        return time.process_time(), 0.0
    both = [system.getrusage(who) for who in (system.RUSAGE_SELF, system.RUSAGE_CHILDREN)]
    seconds = sum(one.ru_utime + one.ru_stime for one in both)
    return seconds, max(one.ru_maxrss for one in both) / _KILO


def _resource() -> ModuleType | None:
    """Return the module that only Unix has."""
    try:
        return importlib.import_module("resource")
    except ModuleNotFoundError:
        return None
