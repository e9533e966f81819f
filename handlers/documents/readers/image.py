"""How a picture is made fit for Claude: checked; turned upright, scaled or converted when it must be."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

from bot.errors import Refused
from handlers.documents.limits import Limits
from handlers.documents.source import Source

if TYPE_CHECKING:
    from PIL.Image import Image

_TAKEN = {"PNG": "image/png", "JPEG": "image/jpeg", "MPO": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
_DAMAGED = "This picture is cut short or damaged; open it, save it again and drop the new copy."
_ORIENTATION = 0x0112
_OVERLAP_PX = 120
"""What two neighbouring pieces of a long picture share: a line that one cuts is whole in the other."""

Picture = tuple[str, str | None]
"""Media type, and base64 data; None when the file itself goes as it is."""


def read_image(name: str, source: Source, limits: Limits, notes: list[str]) -> list[Picture]:
    """The pictures of a file: one, or the pages of a TIFF. Raises Refused when it cannot be decoded or is too large.

    `name` is the format found by the first bytes; no other decoder is tried.
    """
    from PIL import Image, UnidentifiedImageError

    # The header is read without decoding; our own limit below stands before any pixel is touched.
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(source.open("rb"), formats=(name.upper(),)) as image:
            return _pictures(image, source, limits, notes)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, KeyError):
        raise Refused(_DAMAGED) from None


def _pictures(image: Image, source: Source, limits: Limits, notes: list[str]) -> list[Picture]:
    width, height = image.size
    if width * height > limits.image_pixels:
        raise Refused(
            f"This picture has {width:,} by {height:,} pixels, too many to open; scale it down and drop it again."
        )
    kind = image.format or ""
    if kind == "TIFF" and (getattr(image, "n_frames", 1) > 1 or not is_strip(*_upright_size(image), limits)):
        return _pages(image, limits, notes)
    size = len(source.read_bytes())
    fits = max(width, height) <= limits.image_edge_px and _base64_bytes(size) <= limits.image_bytes
    if getattr(image, "is_animated", False) and kind in {"GIF", "WEBP"}:
        notes.append("It is an animation; Claude sees its first picture.")
    if is_strip(*_upright_size(image), limits):
        return strip_pictures(image, limits, notes)
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


def _upright_size(image: Image) -> tuple[int, int]:
    """Width and height as a person sees them: cameras and telephones may have turned the picture by a mark only."""
    try:
        turned = image.getexif().get(_ORIENTATION, 1) in {5, 6, 7, 8}
    except Exception:  # noqa: BLE001 # see _is_upright
        turned = False
    return (image.height, image.width) if turned else image.size


def is_strip(width: int, height: int, limits: Limits) -> bool:
    """Whether a picture is so tall (a screenshot of a whole page) that scaling would blur its letters."""
    return height > limits.image_scaled_px * 3 // 2 and height * 2 > width * 5


def strip_pictures(image: Image, limits: Limits, notes: list[str]) -> list[Picture]:
    """A tall picture as pieces that overlap, each small enough to be seen as it is, from top to bottom."""
    from PIL import ImageOps

    edge = limits.image_scaled_px
    upright = _plain(ImageOps.exif_transpose(image))
    width, height = upright.size
    step = edge - _OVERLAP_PX
    share = min(edge / width, (step * limits.images + _OVERLAP_PX) / height, 1.0)
    if share < 1:
        upright = upright.resize((max(round(width * share), 1), max(int(height * share), 1)))
    starts = range(0, max(upright.height - _OVERLAP_PX, 1), step)
    boxes = [(0, at, upright.width, min(at + edge, upright.height)) for at in starts]
    notes.append(
        f"The picture of {width:,} by {height:,} pixels was cut into {len(boxes)} pieces that overlap, "
        "from top to bottom" + (f", and scaled down to {share:.0%}." if share < 1 else ".")
    )
    graphic = _is_graphic(image)
    return [_piece(upright.crop(box), limits, graphic=graphic) for box in boxes]


def _piece(image: Image, limits: Limits, *, graphic: bool) -> Picture:
    for form in ("PNG", "JPEG") if graphic else ("JPEG",):
        data = _saved(image, form)
        # All pieces together must fit one request.
        if _base64_bytes(len(data)) <= min(limits.image_bytes, limits.native_bytes * 4 // 3 // limits.images):
            return f"image/{form.lower()}", base64.b64encode(data).decode("ascii")
    raise Refused("This picture is too large to send; scale it down and drop it again.")


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
