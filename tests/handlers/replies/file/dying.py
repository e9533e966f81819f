"""A delivery that ends at each of its lines in turn, as by kill -9, and is repeated: run as a program.

Another event of the same file name is answered in between. Each time there must be one whole file for each event.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from handlers.replies.file.answer_folder import AnswerFolder
from tests.handlers.replies.file.events import Laid, LinkLess, dropped, lying, sent, words

DIED = 9
Begun = Callable[[Path, type[AnswerFolder]], tuple[Laid, list[str]]]


def die_at_line(number: int, work: Callable[[], object]) -> bool:
    """Do it in a child that is gone before that line of ours; False when it ended before it came so far."""
    child = os.fork()
    if child == 0:
        left = number

        def trace(frame: FrameType, event: str, _: Any) -> Any:
            nonlocal left
            if "handlers/replies/file" not in frame.f_code.co_filename or "tests" in frame.f_code.co_filename:
                return None
            left -= event == "line"
            if left < 0:
                os._exit(DIED)
            return trace

        sys.settrace(trace)
        work()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == DIED


def hook_again(root: Path, kind: type[AnswerFolder]) -> tuple[Laid, list[str]]:
    """An event whose plain name is free, with a line that said it waits."""
    sent(root, "anna", kind=kind)._wait("Claude is busy", None)
    return sent(root, "anna", at_s=600.0, kind=kind), ["anna", "ben"]


def version_again(root: Path, kind: type[AnswerFolder]) -> tuple[Laid, list[str]]:
    """A version whose older one has the plain name."""
    dropped(root, 1, kind=kind)._finish(words("version 1"))
    return dropped(root, 2, at_s=600.0, kind=kind), ["ben", "version 1", "version 2"]


def late_version_again(root: Path, kind: type[AnswerFolder]) -> tuple[Laid, list[str]]:
    """A version whose newer one has the plain name."""
    dropped(root, 2, kind=kind)._finish(words("version 2"))
    return dropped(root, 1, at_s=600.0, kind=kind), ["ben", "version 1", "version 2"]


def storm(begun: Begun, kind: type[AnswerFolder], stride: int) -> int:
    """How many lines it could die at; raises AssertionError where what lies there afterwards is wrong."""
    number, goes_on = 0, True
    while goes_on:
        with tempfile.TemporaryDirectory() as folder:
            dying, expected = begun(Path(folder), kind)
            goes_on = die_at_line(number, partial(dying._finish, words("yes")))
            sent(Path(folder), "ben", kind=kind)._finish(words("for Ben"))
            dying.again(at_s=1200.0)._finish(words("yes"))
            found = sorted(lying(Path(folder)).values())
            assert found == expected, f"died at line {number}: {lying(Path(folder))}"
        number += stride
    return number


if __name__ == "__main__":
    for begun in (hook_again, version_again, late_version_again):
        for kind in (AnswerFolder, LinkLess):
            sys.stdout.write(f"{begun.__name__} {kind.__name__} {storm(begun, kind, int(sys.argv[1]))}\n")
