"""Whether letters can be told from the ground they stand on: white on white is written for machines."""

from __future__ import annotations

import re

Colour = tuple[int, int, int]
WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)
_NEAR = 24
"""Steps of 256 in every channel below which two colours look the same."""

_NAMES = {
    "white": WHITE, "black": BLACK, "snow": (255, 250, 250), "ivory": (255, 255, 240), "ghostwhite": (248, 248, 255),
    "whitesmoke": (245, 245, 245), "floralwhite": (255, 250, 240), "azure": (240, 255, 255),
    "mintcream": (245, 255, 250), "red": (255, 0, 0), "green": (0, 128, 0), "blue": (0, 0, 255), "navy": (0, 0, 128),
    "yellow": (255, 255, 0), "gray": (128, 128, 128), "grey": (128, 128, 128), "silver": (192, 192, 192),
    "lightgray": (211, 211, 211), "lightgrey": (211, 211, 211), "gainsboro": (220, 220, 220),
    "darkred": (139, 0, 0), "darkblue": (0, 0, 139), "darkgreen": (0, 100, 0), "orange": (255, 165, 0),
    "purple": (128, 0, 128), "maroon": (128, 0, 0), "teal": (0, 128, 128), "olive": (128, 128, 0),
    "lime": (0, 255, 0), "aqua": (0, 255, 255), "cyan": (0, 255, 255), "fuchsia": (255, 0, 255),
    "magenta": (255, 0, 255), "dimgray": (105, 105, 105), "darkgray": (169, 169, 169), "darkgrey": (169, 169, 169),
}  # fmt: skip


def hex_colour(value: str | None) -> Colour | None:
    """The colour of six (or three) hexadecimal digits, with or without #; None for "auto" and anything else."""
    digits = (value or "").strip().lstrip("#")
    if re.fullmatch(r"[0-9a-fA-F]{3,4}", digits):
        digits = "".join(digit * 2 for digit in digits)
    if not re.fullmatch(r"[0-9a-fA-F]{6}(?:[0-9a-fA-F]{2})?", digits):
        return None
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def css_colour(value: str) -> Colour | None:
    """The colour of a CSS value without spaces (a name, #rgb, rgb(), hsl() in grey); None when it is none of these."""
    value = value.lower()
    if value in _NAMES:
        return _NAMES[value]
    if value.startswith("#"):
        return hex_colour(value)
    numbers = re.findall(r"[\d.]+%?", value)
    if value.startswith("rgb") and len(numbers) >= 3:
        red, green, blue = (_channel(number) for number in numbers[:3])
        return red, green, blue
    if value.startswith("hsl") and len(numbers) >= 3 and numbers[2] in {"100%", "0%"}:
        return WHITE if numbers[2] == "100%" else BLACK
    return None


def _channel(number: str) -> int:
    try:
        value = float(number.rstrip("%")) * (2.55 if number.endswith("%") else 1)
    except ValueError:
        return 0
    return max(0, min(round(value), 255))


def is_clear_css(value: str) -> bool:
    """Whether a CSS colour lets everything through: transparent, or an alpha of nothing."""
    value = value.lower()
    if value == "transparent":
        return True
    numbers = re.findall(r"[\d.]+%?", value)
    if value.startswith(("rgba(", "rgb(", "hsla(", "hsl(")) and len(numbers) == 4:
        return not numbers[3].strip("0.%")
    return value.startswith("#") and (
        (len(value) == 9 and value.endswith("00")) or (len(value) == 5 and value[4] == "0")
    )


def is_lost(own: Colour | None, ground: Colour | None) -> bool:
    """Whether letters of this colour vanish on that ground; never when one of them is not known."""
    if own is None or ground is None:
        return False
    return all(abs(a - b) < _NEAR for a, b in zip(own, ground, strict=True))
