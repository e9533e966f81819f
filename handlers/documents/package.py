"""What is checked about a zip package (Office, OpenDocument) before any parser sees it.

The guard reads the zip directory only. A directory can lie about sizes, so the child's memory limit stands behind it.
"""

from __future__ import annotations

import re
import zipfile

from bot.errors import Refused
from handlers.documents.limits import Limits
from handlers.documents.parts import SWOLLEN, plain_name
from handlers.documents.source import Source

_DAMAGED = "This file is cut short or damaged; open it, save it again and drop the new copy."
_LOCKED = "This file is locked with a password; save it without one and drop it again."
_ARCHIVE = "This is a packed archive; unpack it and drop the files in it one by one."
_OTHER = {
    "application/vnd.oasis.opendocument.spreadsheet": "an OpenDocument spreadsheet; save it as .xlsx",
    "application/vnd.oasis.opendocument.presentation": "an OpenDocument presentation; save it as .pptx",
    "application/epub+zip": "an e-book; save it as PDF",
}
_ARCHIVES = (".zip", ".7z", ".rar", ".gz", ".tgz", ".bz2", ".xz", ".jar")
_MAIN_TYPES = (
    ("docx", re.compile(r"(?i)wordprocessingml\.(document|template)\.main|ms-word\.(document|template)\.macroEnabled")),
    ("xlsx", re.compile(r"spreadsheetml\.(sheet|template)\.main|ms-excel\.(sheet|template)\.macroEnabled")),
    ("pptx", re.compile(r"presentationml\.(presentation|slideshow|template)\.main|ms-powerpoint\.\w+\.macroEnabled")),
)
_MAIN_MEMBERS = (("docx", "word/document.xml"), ("xlsx", "xl/workbook.xml"), ("pptx", "ppt/presentation.xml"))


def open_package(source: Source, limits: Limits) -> tuple[str, zipfile.ZipFile]:
    """The format ("docx", "xlsx", "pptx", "odt") and the package, once the guard has passed it; else raises Refused."""
    try:
        package = zipfile.ZipFile(source.open("rb"))
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        raise Refused(_DAMAGED) from None
    name = _format(package)
    _guard(package.infolist(), limits)
    return name, package


def _guard(members: list[zipfile.ZipInfo], limits: Limits) -> None:
    if any(member.flag_bits & 1 for member in members):
        raise Refused(_LOCKED)
    opened = [member for member in members if is_opened(member.filename)]
    nested = any(member.filename.lower().endswith(_ARCHIVES) and not _inside(member.filename) for member in members)
    if nested or len(opened) > limits.members or sum(m.file_size for m in opened) > limits.unpacked_bytes:
        raise Refused(SWOLLEN)
    if any(_swells(member, limits) for member in opened):
        raise Refused(SWOLLEN)


_OPENED = re.compile(r"(?:\.(?:xml|rels|vml|x?html?|mht(?:ml)?|rtf|txt|docx|docm|dotx|eml)|(?:^|/)mimetype)$")
_KEPT_SHUT = re.compile(r"(?:^|/)(?:media|embeddings|fonts|activex|printersettings|pictures|thumbnails?|customui)/")


def is_opened(member: str) -> bool:
    """Whether any reader ever opens this member: pictures, fonts and embedded files stay shut, and need no guard."""
    name = plain_name(member)
    return bool(_OPENED.search(name)) and not _KEPT_SHUT.search(name)


def _inside(member: str) -> bool:
    return bool(_KEPT_SHUT.search(plain_name(member)))


def _swells(member: zipfile.ZipInfo, limits: Limits) -> bool:
    if member.file_size > limits.member_bytes:
        return True
    packed = max(member.compress_size, 1)
    return member.file_size > limits.ratio_from_bytes and member.file_size > packed * limits.member_ratio


def _format(package: zipfile.ZipFile) -> str:
    members = {plain_name(name): name for name in package.namelist()}
    if "mimetype" in members:
        return _open_document(package, members)
    types = _start_of(package, members.get("[content_types].xml"))
    for name, pattern in _MAIN_TYPES:
        if pattern.search(types):
            return name
    if "ms-excel.sheet.binary" in types:
        raise Refused("This is a binary Excel workbook; save it as .xlsx and drop that.")
    for name, member in _MAIN_MEMBERS:
        if member in members:
            return name
    if any(name.startswith("index/") or name == "index.zip" for name in members):
        raise Refused("This is a Pages, Numbers or Keynote file; export it as PDF and drop that.")
    raise Refused(_ARCHIVE)


def _open_document(package: zipfile.ZipFile, members: dict[str, str]) -> str:
    mimetype = _start_of(package, members["mimetype"]).strip()
    if mimetype.startswith("application/vnd.oasis.opendocument.text"):
        if "encryption-data" in _start_of(package, members.get("meta-inf/manifest.xml")):
            raise Refused(_LOCKED)
        return "odt"
    found = next((words for kind, words in _OTHER.items() if mimetype.startswith(kind)), None)
    raise Refused(f"This is {found} and drop that." if found else _ARCHIVE)


def _start_of(package: zipfile.ZipFile, member: str | None) -> str:
    if member is None:
        return ""
    try:
        with package.open(member) as stream:
            data = stream.read(1_000_000)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError, EOFError):
        return ""
    # Content types may be written in UTF-16; what is looked for is plain ASCII.
    return data.replace(b"\0", b"").decode("utf-8", "replace")


def pictures_note(package: zipfile.ZipFile) -> list[str]:
    """A sentence when the file holds pictures, which the readers of text leave out."""
    count = sum(bool(_PICTURE.search(name)) for name in package.namelist())
    if not count:
        return []
    return [f"{count} pictures in it were not read." if count > 1 else "1 picture in it was not read."]


_PICTURE = re.compile(
    r"(?:^|/)(?:media|Pictures)/[^/]+\.(?:png|jpe?g|gif|bmp|tiff?|webp|emf|wmf|svg|heic)$", re.IGNORECASE
)
