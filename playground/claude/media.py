"""The checks of pictures and documents: is it what it says it is, and is it within the limits.

Source: https://platform.claude.com/docs/en/build-with-claude/vision and /docs/en/build-with-claude/pdf-support
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playground.claude.pdf import decode, page_count
from playground.claude.picture import MAGIC, is_whole, size_of
from playground.claude.problem import Problem, refuse
from playground.claude.turns import blocks_of

MAX_IMAGE_BASE64_BYTES = 5 * 1024 * 1024
MAX_MEDIA = 100
"""Pictures and pages of PDFs together, over the whole request."""
MAX_SIDE_PX = 8_000
MAX_SIDE_OF_MANY_PX = 2_000
MANY_IMAGES = 20


def check_media(body: dict[str, Any], max_pdf_pages: int) -> None:
    """Raise for the first picture or document that the vendor would refuse."""
    found = list(_media(body))
    images = sum(1 for _place, block in found if block["type"] == "image")
    pages = 0
    for place, block in found:
        if block["source"]["type"] in {"url", "file"}:
            _refuse_elsewhere(block["source"])
        elif block["type"] == "image":
            _check_image(place, block["source"], many=images > MANY_IMAGES)
        elif block["source"]["type"] == "base64":
            pages += _pages_at(place, block["source"])
            if pages > max_pdf_pages:
                # The vendor names the document that was one too many, and means all of the request together.
                raise refuse(f"{place}.pdf.source.base64.data: A maximum of {max_pdf_pages} PDF pages may be provided.")
        elif block["source"]["type"] == "text" and not block["source"]["data"].strip():
            raise refuse(f"{place}.document.source.text.data: document text must be non-empty")
    if pages + images > max(MAX_MEDIA, max_pdf_pages):
        raise refuse(f"Too much media: {pages} document pages + {images} images > {max(MAX_MEDIA, max_pdf_pages)}")


def _pages_at(place: str, source: dict[str, Any]) -> int:
    try:
        return page_count(source["data"])
    except Problem as problem:
        raise refuse(f"{place}.pdf.source.base64.data: {problem.message.rpartition('data: ')[2]}") from None


def _media(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for at, message in enumerate(body["messages"]):
        for place, block in enumerate(blocks_of(message["content"])):
            if block["type"] in {"image", "document"}:
                yield f"messages.{at}.content.{place}", block


def _refuse_elsewhere(source: dict[str, Any]) -> None:
    if source["type"] == "file":
        raise Problem(404, f"File not found: {source['file_id']}")
    raise refuse("Unable to download the file. Please verify the URL and try again.")


def _check_image(place: str, source: dict[str, Any], *, many: bool) -> None:
    where = f"{place}.image.source.base64"
    if not source["data"]:
        raise refuse(f"{where}: image cannot be empty")
    if len(source["data"]) > MAX_IMAGE_BASE64_BYTES:
        raise refuse(
            f"{where}: image exceeds 5 MB maximum: {len(source['data'])} bytes > {MAX_IMAGE_BASE64_BYTES} bytes"
        )
    content = decode(source["data"], where)
    kind = next((kind for kind, is_one in MAGIC.items() if is_one(content)), None)
    if kind is None:
        raise refuse("Could not process image")  # the vendor does not say which
    if kind != source["media_type"]:
        raise refuse(
            f"{where}: The image was specified using the {source['media_type']} media type, "
            f"but the image appears to be a {kind} image"
        )
    side_px, kinds = (MAX_SIDE_OF_MANY_PX, " for many-image requests") if many else (MAX_SIDE_PX, "")
    if max(size_of(content, kind)) > side_px:
        raise refuse(
            f"{where}.data: At least one of the image dimensions exceed max allowed size{kinds}: {side_px} pixels"
        )
    if not is_whole(content, kind):
        raise refuse("Could not process image")
