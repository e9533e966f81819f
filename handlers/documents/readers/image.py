"""How a picture is made fit for Claude: checked; turned upright, scaled or converted when it must be."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import Refused
from handlers.documents.limits import Limits

if TYPE_CHECKING:
    from PIL.Image import Image

_TAKEN = {"PNG": "image/png", "JPEG": "image/jpeg", "MPO": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
_DAMAGED = "This picture is cut short or damaged; open it, save it again and drop the new copy."
_ORIENTATION = 0x0112

Picture = tuple[str, str | None]
"""Media type, and base64 data; None when the file itself goes as it is."""


def read_image(name: str, path: Path, limits: Limits, notes: list[str]) -> list[Picture]:
    """The pictures of a file: one, or the pages of a TIFF. Raises Refused when it cannot be decoded or is too large.

    `name` is the format found by the first bytes; no other decoder is tried.
    """
    from PIL import Image, UnidentifiedImageError

    # The header is read without decoding; our own limit below stands before any pixel is touched.
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(path, formats=(name.upper(),)) as image:
            return _pictures(image, path, limits, notes)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, KeyError):
        raise Refused(_DAMAGED) from None


def _pictures(image: Image, path: Path, limits: Limits, notes: list[str]) -> list[Picture]:
    width, height = image.size
    if width * height > limits.image_pixels:
        raise Refused(
            f"This picture has {width:,} by {height:,} pixels, too many to open; scale it down and drop it again."
        )
    kind = image.format or ""
    if kind == "TIFF":
        return _pages(image, limits, notes)
    fits = max(width, height) <= limits.image_edge_px and _base64_bytes(path.stat().st_size) <= limits.image_bytes
    if getattr(image, "is_animated", False) and kind in {"GIF", "WEBP"}:
        notes.append("It is an animation; Claude sees its first picture.")
    if fits and kind in _TAKEN and _is_upright(image):
        image.load()  # a picture that is cut short must not reach Claude
        return [(_TAKEN[kind], None)]
    if not fits and kind == "JPEG":
        image.draft("RGB", (limits.image_scaled_px, limits.image_scaled_px))
    return [_encoded(image, (width, height), limits, notes)]


def _is_upright(image: Image) -> bool:
    try:
        return image.getexif().get(_ORIENTATION, 1) in {0, 1}
    except Exception:  # noqa: BLE001 # cameras write broken EXIF of every sort, and the picture is fine without
        return True


def _pages(image: Image, limits: Limits, notes: list[str]) -> list[Picture]:
    from PIL import ImageSequence

    count = getattr(image, "n_frames", 1)
    pictures: list[Picture] = []
    room = limits.native_bytes * 4 // 3
    for page in ImageSequence.Iterator(image):
        if page.width * page.height > limits.image_pixels:
            raise Refused("This picture is too large to open; scale it down and drop it again.")
        picture = _encoded(page, page.size, limits, notes if not pictures else [])
        room -= len(picture[1] or "")
        if len(pictures) == limits.images or room < 0:
            notes.append(
                f"Only the first {len(pictures)} of its {count} pages were read; save it as PDF to include all."
            )
            break
        pictures.append(picture)
    return pictures


def _encoded(image: Image, size: tuple[int, int], limits: Limits, notes: list[str]) -> Picture:
    from PIL import ImageOps

    edge = limits.image_scaled_px
    upright = ImageOps.exif_transpose(image)
    if max(size) > edge:
        upright = _plain(upright)
        upright.thumbnail((edge, edge))
        notes.append(
            f"The picture of {size[0]:,} by {size[1]:,} pixels was scaled down to {upright.width} by {upright.height}."
        )
    for form in ("PNG", "JPEG") if _is_graphic(upright) else ("JPEG",):
        data = _saved(upright, form)
        if _base64_bytes(len(data)) <= limits.image_bytes:
            return f"image/{form.lower()}", base64.b64encode(data).decode("ascii")
    raise Refused("This picture is too large to send; scale it down and drop it again.")


def _plain(image: Image) -> Image:
    """The picture in a mode that can be scaled smoothly and saved as PNG or JPEG."""
    if image.mode in {"L", "RGB", "RGBA"}:
        return image
    if image.mode in {"LA", "PA"} or "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode.startswith("I"):
        # 16 bits for each pixel: Pillow would clip to 255 instead of scaling.
        return image.convert("I").point(lambda value: value / 256).convert("L")
    return image.convert("L" if image.mode in {"1", "F"} else "RGB")


def _is_graphic(image: Image) -> bool:
    """Screenshots, scans in grey and pictures with transparency stay sharp as PNG."""
    return image.mode in {"1", "L", "P", "LA", "RGBA", "PA"} or image.format in {"PNG", "BMP", "GIF"}


def _saved(image: Image, form: str) -> bytes:
    buffer = io.BytesIO()
    plain = _plain(image)
    if form == "JPEG":
        _on_white(plain).save(buffer, "JPEG", quality=88)
    else:
        plain.save(buffer, "PNG")
    return buffer.getvalue()


def _on_white(image: Image) -> Image:
    from PIL import Image as ImageModule

    if image.mode != "RGBA":
        return image
    white = ImageModule.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def _base64_bytes(size: int) -> int:
    return (size + 2) // 3 * 4
