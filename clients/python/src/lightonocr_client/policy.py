"""When a request is sent again, and when nothing is sent at all."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from .errors import CircuitOpen, ServiceError

T = TypeVar("T")
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0


@dataclass
class Policy:
    """Three attempts with growing pauses, a breaker, and a cold start that costs no attempts. One per service."""

    attempts: int = 3
    breaker_failures: int = 3
    breaker_seconds: float = 30.0
    warm_up_seconds: float = 480.0
    warm: bool = False
    """The service has answered: what it answers from now on is no cold start."""
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.monotonic
    jitter: Callable[[], float] = random.random
    _failures: int = field(default=0, init=False)
    _open_until: float = field(default=0.0, init=False)
    _first_sent_at: float | None = field(default=None, init=False)

    def run(self, act: Callable[[], T]) -> T:
        """Runs the request. Raises what the last attempt raised, or ``CircuitOpen``."""
        counted = 0
        pause = FIRST_PAUSE_SECONDS
        while True:
            if self.now() < self._open_until:
                raise CircuitOpen(self._open_until - self.now())
            try:
                result = act()
            except ServiceError as error:
                is_start = self._is_start(error)
                if not is_start:
                    counted += 1
                    self._note(error)
                if not error.again or counted >= self.attempts:
                    raise
                self._wait(pause, error)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            else:
                self.warm, self._failures = True, 0
                return result

    def _is_start(self, error: ServiceError) -> bool:
        if self._first_sent_at is None:
            self._first_sent_at = self.now()
        return not self.warm and error.cold and self.now() - self._first_sent_at < self.warm_up_seconds

    def _note(self, error: ServiceError) -> None:
        self._failures = self._failures + 1 if error.ill else 0
        if self._failures >= self.breaker_failures:
            self._open_until = self.now() + self.breaker_seconds
            self._failures = self.breaker_failures - 1  # one trial once it is over

    def _wait(self, pause: float, error: ServiceError) -> None:
        """Half of a pause is jitter; at least what the service asked for, at most 30 s."""
        seconds = pause * (0.5 + self.jitter() / 2)
        self.sleep(min(max(seconds, error.retry_after or 0.0), LONGEST_PAUSE_SECONDS))
