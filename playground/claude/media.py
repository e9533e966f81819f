"""The checks of pictures and documents: is it what it says it is, and is it within the limits.

Source: https://platform.claude.com/docs/en/build-with-claude/vision and /docs/en/build-with-claude/pdf-support
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playground.claude.pdf import decode, page_count
from playground.claude.picture import MAGIC, size_of
from playground.claude.problem import Problem, refuse
from playground.claude.turns import blocks_of

MAX_IMAGE_BASE64_BYTES = 5 * 1024 * 1024
MAX_IMAGES = 100
MAX_SIDE_PX = 8_000
MAX_SIDE_OF_MANY_PX = 2_000
MANY_IMAGES = 20


def check_media(body: dict[str, Any], max_pdf_pages: int) -> None:
    """Raise for the first picture or document that the vendor would refuse."""
    found = list(_media(body))
    images = sum(1 for _place, block in found if block["type"] == "image")
    if images > MAX_IMAGES:
        raise refuse(f"Too many images: {images} > {MAX_IMAGES} maximum")
    pages = 0
    for place, block in found:
        if block["source"]["type"] in {"url", "file"}:
            _refuse_elsewhere(block["source"])
        elif block["type"] == "image":
            _check_image(place, block["source"], MAX_SIDE_OF_MANY_PX if images > MANY_IMAGES else MAX_SIDE_PX)
        elif block["source"]["type"] == "base64":
            pages += page_count(block["source"]["data"])
        elif block["source"]["type"] == "text" and not block["source"]["data"].strip():
            raise refuse(f"{place}.document.source.text.data: document text must be non-empty")
    if pages > max_pdf_pages:
        raise refuse(f"A maximum of {max_pdf_pages} PDF pages may be provided.")


def _media(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for at, message in enumerate(body["messages"]):
        for place, block in enumerate(blocks_of(message["content"])):
            if block["type"] in {"image", "document"}:
                yield f"messages.{at}.content.{place}", block


def _refuse_elsewhere(source: dict[str, Any]) -> None:
    if source["type"] == "file":
        raise Problem(404, f"File not found: {source['file_id']}")
    raise refuse("Unable to download the file. Please verify the URL and try again.")


def _check_image(place: str, source: dict[str, Any], max_side_px: int) -> None:
    where = f"{place}.image.source.base64"
    if len(source["data"]) > MAX_IMAGE_BASE64_BYTES:
        raise refuse(
            f"{where}: image exceeds 5 MB maximum: {len(source['data'])} bytes > {MAX_IMAGE_BASE64_BYTES} bytes"
        )
    content = decode(source["data"], where)
    kind = next((kind for kind, is_one in MAGIC.items() if is_one(content)), None)
    if kind is None:
        raise refuse(f"{where}.data: Could not process image")
    if kind != source["media_type"]:
        raise refuse(
            f"{where}: The image was specified using the {source['media_type']} media type, "
            f"but the image appears to be a {kind} image"
        )
    if max(size_of(content, kind)) > max_side_px:
        raise refuse(
            f"{where}.data: At least one of the image dimensions exceed max allowed size: {max_side_px} pixels"
        )
