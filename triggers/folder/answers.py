"""This file is whether answers can be laid beside the files of a root, and what to do when they cannot."""

from __future__ import annotations

import os
from dataclasses import dataclass

from bot.doors.folder.ignored import ANSWERS
from triggers.folder.roots import Root


@dataclass(frozen=True, slots=True)
class Closed:
    """Why no answer can be written at `place`, and how to mend it."""

    place: str
    words: str
    fix: str


def closed_answers(root: str) -> Closed | None:
    """Why nothing can be written into the answers' folder below `root`; None when it can, or could be made."""
    place = f"{root}/{ANSWERS}"
    if os.path.islink(place):  # noqa: PTH114 (a Path raises where its folder may not be entered)
        return Closed(place, "is a link, and a link is never followed", "Remove the link; Bellhop makes the folder.")
    if os.path.isfile(place):  # noqa: PTH113 (as above)
        return Closed(place, "is a file, not a folder", "Rename the file; Bellhop makes the folder.")
    parent = place if os.path.isdir(place) else root  # noqa: PTH112 (as above)
    if os.access(parent, os.W_OK | os.X_OK):
        return None
    return Closed(place, "answers cannot be written", f"Give write permission on {parent}.")


def unwritable(root: Root) -> str:
    """Why the files of this root cannot be answered now, in words; "" when they can, or are answered elsewhere."""
    closed = closed_answers(root.path) if root.answers_here else None
    if closed is None:
        return ""
    return f"{closed.place}: {closed.words}. {closed.fix} What is ready waits, and is then answered."
