"""This file is the files that may not be read: which they are, and which of those given up may be read by now."""

from __future__ import annotations

import os
from collections.abc import Collection


class Refusals:
    """`names` may not be read just now; `given_up` of them were tried often enough and recorded."""

    def __init__(self, root: str) -> None:
        self._root = root
        self.names: set[str] = set()
        self.given_up: set[str] = set()

    def over(self, name: str) -> None:
        """This file was read, has gone, or is to be tried again from the start."""
        self.names.discard(name)
        self.given_up.discard(name)

    def keep(self, listed: Collection[str]) -> None:
        """Only these files are still there."""
        self.names.intersection_update(listed)
        self.given_up.intersection_update(listed)

    def readable_again(self) -> list[str]:
        """Given-up files that may be read by now.

        A changed permission leaves no trace in a signature, and polled roots have no events: each scan asks.
        """
        return [name for name in self.given_up if os.access(f"{self._root}/{name}", os.R_OK)]
