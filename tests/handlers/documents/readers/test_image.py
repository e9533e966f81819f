"""The tests of making pictures fit for Claude."""

import base64
import io

import pytest
from PIL import Image

from bot.errors import Refused
from handlers.documents.limits import Limits
from handlers.documents.readers.image import read_image
from tests.handlers.documents.samples import noise, picture

LIMITS = Limits()


def read(folder, data, name, limits=LIMITS):
    path = folder / "picture"
    path.write_bytes(data)
    notes: list[str] = []
    return read_image(name, path, limits, notes), notes


def opened(pictures):
    ((media_type, data),) = pictures
    image = Image.open(io.BytesIO(base64.b64decode(data)))
    image.load()
    assert media_type == f"image/{(image.format or '').lower()}"
    return image


def test_a_picture_within_the_limits_is_left_alone(tmp_path):
    assert read(tmp_path, picture("JPEG"), "jpeg") == ([("image/jpeg", None)], [])


def test_a_picture_over_the_edge_is_scaled_down_and_said(tmp_path):
    pictures, notes = read(tmp_path, picture("PNG", (9000, 300)), "png")
    assert opened(pictures).size == (1568, 52)
    assert notes == ["The picture of 9,000 by 300 pixels was scaled down to 1568 by 52."]


def test_a_picture_over_the_bytes_is_scaled_down(tmp_path):
    data = noise("PNG", (1800, 1200))
    assert len(data) > 5_000_000
    pictures, notes = read(tmp_path, data, "png")
    assert max(opened(pictures).size) == 1568
    assert len(pictures[0][1]) <= 5 * 1024 * 1024
    assert len(notes) == 1


def test_a_photo_lying_on_its_side_is_turned_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    pictures, notes = read(tmp_path, picture("JPEG", (64, 48), exif=exif), "jpeg")
    image = opened(pictures).convert("RGB")
    assert image.size == (48, 64)
    red, _, blue = image.getpixel((24, 4))
    assert red > 200 > 60 > blue
    assert notes == []


def test_an_animation_goes_as_it_is_and_is_mentioned(tmp_path):
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    pictures, notes = read(tmp_path, buffer.getvalue(), "gif")
    assert pictures == [("image/gif", None)]
    assert notes == ["It is an animation; Claude sees its first picture."]


@pytest.mark.parametrize(
    ("form", "mode"),
    [
        ("TIFF", "RGB"),
        ("TIFF", "1"),
        ("TIFF", "CMYK"),
        ("TIFF", "L"),
        ("BMP", "RGB"),
        ("AVIF", "RGB"),
        ("TIFF", "RGBA"),
    ],
)
def test_other_kinds_are_converted(tmp_path, form, mode):
    pictures, notes = read(tmp_path, picture(form, (40, 30), mode), form.lower())
    assert opened(pictures).size == (40, 30)
    assert notes == []


def test_sixteen_bits_of_grey_keep_their_shades(tmp_path):
    image = Image.new("I;16", (2, 1))
    image.putpixel((0, 0), 0x8000)
    image.putpixel((1, 0), 0xFFFF)
    buffer = io.BytesIO()
    image.save(buffer, "TIFF")
    read_back = opened(read(tmp_path, buffer.getvalue(), "tiff")[0])
    assert [read_back.getpixel((x, 0)) for x in (0, 1)] == [128, 255]


def test_every_page_of_a_scan_is_read(tmp_path):
    pages = [Image.new("L", (20, 20), shade) for shade in (0, 100, 200)]
    buffer = io.BytesIO()
    pages[0].save(buffer, "TIFF", save_all=True, append_images=pages[1:])
    pictures, notes = read(tmp_path, buffer.getvalue(), "tiff")
    assert (len(pictures), notes) == (3, [])
    pictures, notes = read(tmp_path, buffer.getvalue(), "tiff", Limits(images=2))
    assert len(pictures) == 2
    assert notes == ["Only the first 2 of its 3 pages were read; save it as PDF to include all."]


def test_a_picture_too_large_to_open_is_refused_from_its_header(tmp_path):
    small = bytearray(picture("PNG"))
    small[16:24] = (30_000).to_bytes(4, "big") * 2
    import zlib

    small[29:33] = zlib.crc32(small[12:29]).to_bytes(4, "big")
    with pytest.raises(Refused, match="30,000 by 30,000 pixels"):
        read(tmp_path, bytes(small), "png")


@pytest.mark.parametrize(
    ("form", "name"), [("PNG", "png"), ("JPEG", "jpeg"), ("GIF", "gif"), ("WEBP", "webp"), ("BMP", "bmp")]
)
def test_a_picture_cut_short_is_refused(tmp_path, form, name):
    data = noise(form, (200, 150))
    with pytest.raises(Refused, match="cut short or damaged"):
        read(tmp_path, data[: len(data) // 2], name)


def test_only_the_decoder_of_the_format_found_is_tried(tmp_path):
    with pytest.raises(Refused):
        read(tmp_path, picture("BMP"), "png")
