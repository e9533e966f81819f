"""How often each hook may be called: a bucket that fills with time, as large as a minute's worth."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

MOST_BUCKETS = 10_000
"""Of more, the one that was taken from longest ago is forgotten: as a rule it is full again, and as good as none."""


@dataclass(slots=True)
class _Bucket:
    left: float
    filled_at_s: float


class Rates:
    """Counts in this process; `clock` is monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, name: str, per_minute: int) -> int:
        """0 when one more call of `name` is welcome, else after how many seconds it will be."""
        now_s = self._clock()
        bucket = self._buckets.setdefault(name, _Bucket(per_minute, now_s))
        self._buckets.move_to_end(name)
        if len(self._buckets) > MOST_BUCKETS:
            self._buckets.popitem(last=False)
        bucket.left = min(per_minute, bucket.left + (now_s - bucket.filled_at_s) * per_minute / 60)
        bucket.filled_at_s = now_s
        if bucket.left < 1:
            return max(1, math.ceil((1 - bucket.left) * 60 / per_minute))
        bucket.left -= 1
        return 0
