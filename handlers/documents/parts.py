"""The parts of an Office or OpenDocument package, found as office programs find them: by names in any case and slash.

A part that is damaged costs itself, not the document: it is left out and named.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import BinaryIO
from urllib.parse import unquote
from xml.etree.ElementTree import ParseError

from bot.errors import Refused
from handlers.documents.limits import Limits
from handlers.documents.readers.xml import Element, attribute, local, parse_start

_BROKEN = (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError, EOFError, ParseError)
_FAULTS = (*_BROKEN, zipfile.zlib.error)  # type: ignore[attr-defined]  # zipfile imports zlib where there is one
DAMAGED = "This file cannot be read and seems to be damaged; open it, save it again and drop the new copy."
SWOLLEN = "This file unpacks to far more than a document needs; save the part that matters by itself and drop that."


@dataclass(frozen=True, slots=True)
class Link:
    """A relationship of a part: the last word of its type, and the name of the part it leads to."""

    kind: str
    part: str
    external: bool


def plain_name(name: str) -> str:
    """A member's or part's name as all of them are compared."""
    return posixpath.normpath("/" + name.replace("\\", "/")).lstrip("/").lower()


class Package:
    """The members of a zip package by their plain names. `lost` names the parts that were there and damaged."""

    def __init__(self, source: BinaryIO, limits: Limits) -> None:
        self._zip = zipfile.ZipFile(source)
        self._limits = limits
        self._members = {plain_name(info.filename): info for info in self._zip.infolist()}
        self._links: dict[str, dict[str, Link]] = {}
        self.lost: list[str] = []

    def __enter__(self) -> Package:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self._zip.close()

    @property
    def names(self) -> list[str]:
        """The plain names of all members."""
        return list(self._members)

    def read(self, part: str) -> bytes | None:
        """The bytes of a part; None when it is not there or damaged. Raises Refused when it swells too far."""
        info = self._members.get(plain_name(part))
        if info is None:
            return None
        try:
            with self._zip.open(info) as stream:
                data = stream.read(self._limits.member_bytes + 1)
        except _FAULTS:
            self.lost.append(part)
            return None
        if len(data) > self._limits.member_bytes:
            raise Refused(SWOLLEN)
        return data

    def stream(self, part: str) -> BinaryIO | None:
        """A part that is read bit by bit; None when it is not there or cannot be opened."""
        info = self._members.get(plain_name(part))
        try:
            return None if info is None else self._zip.open(info)  # type: ignore[return-value]  # it reads bytes
        except _FAULTS:
            self.lost.append(part)
            return None

    def xml(self, part: str) -> Element | None:
        """The root element of a part, or of what can be read of it; None when it is not there or no XML."""
        data = self.read(part)
        if data is None:
            return None
        try:
            root, whole = parse_start(data)
        except (ParseError, ValueError):
            self.lost.append(part)
            return None
        if not whole:
            self.lost.append(part)
        return root

    def main(self, fallback: str) -> str:
        """The name of the main part: where the package's own links lead, else where it usually is."""
        found = (link.part for link in self.links("").values() if link.kind == "officedocument" and not link.external)
        return next((part for part in found if part in self._members), fallback)

    def links(self, part: str) -> Mapping[str, Link]:
        """The links of a part (of the package itself for "") by their ids."""
        part = plain_name(part) if part else ""
        if part not in self._links:
            folder, name = posixpath.split(part)
            root = self.xml(posixpath.join(folder, "_rels", f"{name}.rels"))
            self._links[part] = {} if root is None else dict(_links(root, folder))
        return self._links[part]

    def linked(self, part: str, *kinds: str) -> list[str]:
        """The names of the parts that links of these kinds lead to, in the order of the links."""
        wanted = {kind.lower() for kind in kinds}
        found = (link.part for link in self.links(part).values() if link.kind in wanted and not link.external)
        return list(dict.fromkeys(name for name in found if name in self._members))

    def remarks(self) -> list[str]:
        """A sentence that names what was damaged and left out."""
        if not self.lost:
            return []
        names = ", ".join(dict.fromkeys(posixpath.basename(name) for name in self.lost))
        return [f"A part of it is damaged; what could not be read of it was left out: {names}."]


def _links(root: Element, folder: str) -> list[tuple[str, Link]]:
    found = []
    for element in root:
        target = attribute(element, "Target")
        if local(element) != "Relationship" or target is None:
            continue
        external = (attribute(element, "TargetMode") or "").lower() == "external"
        kind = (attribute(element, "Type") or "").rpartition("/")[2].lower()
        path = unquote(target.replace("\\", "/")).partition("#")[0]
        name = target if external else plain_name(posixpath.join("/", folder, path))
        found.append((attribute(element, "Id") or "", Link(kind, name, external)))
    return found
