"""The scan: every regular file and every link below a root, without following a single link."""

from __future__ import annotations

import os
import stat
from collections import Counter
from dataclasses import dataclass, field

from bot.doors.folder.ignored import OURS, IgnoreTable
from bot.doors.folder.signature import Signature, signature_of


@dataclass(slots=True)
class Listing:
    """What a scan saw: signatures by relative name, links, and the folders it may not look into.

    `ignored`: how many files and folders were left alone, by the program they come from.
    """

    files: dict[str, Signature] = field(default_factory=dict)
    links: dict[str, Signature] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    ignored: Counter[str] = field(default_factory=Counter)


def scan(root: str, ignored: IgnoreTable) -> Listing:
    """List `root`; raises OSError only when the root itself cannot be listed."""
    listing = Listing()
    folders = [""]
    while folders:
        folder = folders.pop()
        try:
            folders += _list_folder(root, folder, listing, ignored)
        except OSError:
            if not folder:
                raise
            listing.unreadable.add(folder)
    return listing


def _list_folder(root: str, folder: str, listing: Listing, ignored: IgnoreTable) -> list[str]:
    folders: list[str] = []
    prefix = f"{folder}/" if folder else ""
    with os.scandir(f"{root}/{folder}") as entries:
        for entry in entries:
            name = prefix + entry.name
            is_folder = entry.is_dir(follow_symlinks=False)
            why = ignored.folder(name) if is_folder else ignored.file(name)
            if why:
                listing.ignored[why] += why != OURS
            elif is_folder:
                folders.append(name)
            else:
                _note_entry(entry, name, listing)
    return folders


def _note_entry(entry: os.DirEntry[str], name: str, listing: Listing) -> None:
    try:
        status = entry.stat(follow_symlinks=False)
    except PermissionError:
        folder = name.rpartition("/")[0]
        if not folder:
            raise  # the root may be listed, but not entered
        listing.unreadable.add(folder)
        return
    except OSError:
        return  # gone since it was listed
    if stat.S_ISREG(status.st_mode):
        listing.files[name] = signature_of(status)
    elif stat.S_ISLNK(status.st_mode):
        listing.links[name] = signature_of(status)
