"""Letters of symbol fonts: what Wingdings, Symbol and their like draw, in the letters that everybody has."""

from __future__ import annotations


def _table(*runs: tuple[int, str]) -> dict[int, str]:
    return {first + at: letter for first, letters in runs for at, letter in enumerate(letters)}


_SYMBOL = _table(
    (0x22, "∀"),
    (0x24, "∃"),
    (0x27, "∋"),
    (0x2A, "∗"),
    (0x2D, "−"),
    (0x40, "≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ"),
    (0x5C, "∴"),
    (0x5E, "⊥"),
    (0x60, "‾αβχδεφγηιϕκλµνοπθρστυϖωξψζ"),
    (0x7E, "∼"),
    (0xA0, "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩"),
    (0xC8, "∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪"),
    (0xF1, "〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭"),
)
_WINGDINGS = _table(
    (0x20, " ✏✂✁👓🔔📖🕯☎✆✉🖃📪📫📬📭📁📂📄🗏🗐🗄⌛🖮🖰🖲💻🖴💾🖬✇✍🖎✌👌👍👎☜☞☝"),
    (0x48, "☟🖐☺😐☹💣☠🏳🏱✈☼💧❄🕆✞🕈✠✡☪☯ॐ☸♈♉♊♋♌♍♎♏♐♑♒♓&&●❍■□"),
    (0x70, "◻❑❒⬧⧫◆❖⬥☒⮹⌘❀✿❝❞"),
    (0x80, "⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿"),
    (0x9E, "·•▪○○○◉◎○▪☐▲✦★✶✴✹✵"),
    (0xB1, "⌖⟡"),
    (0xB4, "?✪✰🕐🕑🕒🕓🕔🕕🕖🕗🕘🕙🕚🕛"),
    (0xD5, "⌫⌦"),
    (0xD8, "➢"),
    (0xDC, "➲"),
    (0xDF, "←→↑↓↖↗↙↘←➔↑↓↖↗↙↘⇦⇨⇧⇩⬄⇳"),
    (0xF8, "▭▭"),
    (0xFB, "✗✓☒☑"),
)
_WINGDINGS_2 = _table(
    (0x2A, "☐"),
    (0x2F, "☐☐"),
    (0x4F, "✗✓☒☑☒☒⮾⮿⦸⦸"),
    (0x69, "⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿"),
    (0x96, "•●⚫○"),
    (0x9D, "○◉◉■■□☐"),
    (0xAE, "◆"),
)
_WINGDINGS_3 = _table(
    (0x22, "←→↑↓"),
    (0x66, "←→↑↓"),
    (0x70, "⇦⇨⇧⇩▲▼▶◀"),
)
_WEBDINGS = _table(
    (0x33, "◀▶▲▼"),
    (0x3D, "◄"),
    (0x61, "✔"),
    (0x63, "□"),
    (0x67, "■"),
    (0x6E, "●"),
    (0x72, "✖"),
)
_DINGBATS = _table(
    (0x21, "✁✂✃✄☎✆✇✈✉☛☞✌✍✎✏✐✑✒✓✔✕✖✗✘✙✚✛✜✝✞✟✠✡✢✣✤✥✦✧★"),
    (0x49, "✩✪✫✬✭✮✯✰✱✲✳✴✵✶✷✸✹✺✻✼✽✾✿❀❁❂❃❄❅❆❇❈❉❊❋●❍■❏❐"),
    (0x71, "❑❒▲▼◆❖◗❘❙❚❛❜❝❞"),
    (0xAC, "①②③④⑤⑥⑦⑧⑨⑩❶❷❸❹❺❻❼❽❾❿"),
    (0xD4, "➔→↔↕➘➙➚➛➜➝➞➟➠➡➢➣➤➥➦➧➨➩➪➫➬➭➮➯"),
    (0xF1, "➱➲➳➴➵➶➷➸➹➺➻➼➽➾"),
)
_FONTS = {
    "symbol": _SYMBOL,
    "symbolps": _SYMBOL,
    "symbol mt": _SYMBOL,
    "wingdings": _WINGDINGS,
    "wingdings 2": _WINGDINGS_2,
    "wingdings 3": _WINGDINGS_3,
    "webdings": _WEBDINGS,
    "zapf dingbats": _DINGBATS,
    "zapfdingbats": _DINGBATS,
    "itc zapf dingbats": _DINGBATS,
}
_CHECKED = {"☑": "☒", "🗹": "☒", "🗷": "☒", "⮽": "☒", "🗵": "☒"}
"""One sign for every check box that is checked, whatever the font draws into it."""


def is_symbol_font(font: str | None) -> bool:
    """Whether the letters of this font are drawn as something else."""
    return (font or "").strip().lower() in _FONTS


def in_font(text: str, font: str | None) -> str:
    """What `font` draws for `text`: letters of a symbol font as Unicode; the text itself for every other font.

    Office writes them as they are typed or at U+F000 and above; the latter are told apart from any font.
    """
    table = _FONTS.get((font or "").strip().lower())
    if table is None:
        if text.isascii() or not any("\uf020" <= letter <= "\uf0ff" for letter in text):
            return text
        table = _SYMBOL
        return "".join(_drawn(letter, table) if "\uf020" <= letter <= "\uf0ff" else letter for letter in text)
    return "".join(_drawn(letter, table) for letter in text)


def _drawn(letter: str, table: dict[int, str]) -> str:
    code = ord(letter)
    code -= 0xF000 if 0xF020 <= code <= 0xF0FF else 0
    if code > 0xFF and (code := _western(letter)) == 0:
        return letter
    shown = table.get(code, letter if code < 0x21 else "\u25a1")
    return _CHECKED.get(shown, shown)


def _western(letter: str) -> int:
    encoded = letter.encode("cp1252", "ignore")
    return encoded[0] if encoded else 0


def box(checked: bool) -> str:  # noqa: FBT001 # it is the state, and the only argument
    """A check box, checked or not."""
    return "☒" if checked else "☐"
