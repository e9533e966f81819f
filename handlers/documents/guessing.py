"""Which old encoding unlabelled text is most likely in: Firefox's detector first, letter statistics where it errs."""

from __future__ import annotations

import re

from handlers.documents.charsets import codec_of, text_in

_SAMPLE_BYTES = 1_000_000
_COMMON = frozenset("äöüßéèêëàâáçñíìîïóòôõúùûåæøœãıșțğşąćčďěęłńňřśšťůźžőű")
_CAPITAL = frozenset("ÄÖÜÉÈÀÁÂÅØÆÑÇÍÓÚÊÎÔ")
_SIGNS = frozenset("“”„‘’‚–—…€£§°®©™«»·•¿¡ºª½¼¾±×µ²³\u00a0¥")
_WESTERN = ("cp1252", "mac_roman", "cp850", "cp437")
_ORDER = ("cp932", "gb18030", "big5", "cp949", "euc-jp", "cp1251", "koi8-r", "cp866", "cp1250", "cp1252", "mac_roman")


def likeliest(data: bytes, *, cut: bool = False) -> str:
    """The codec that `data`, which is no Unicode, is most likely in."""
    from chardetng_py import detect

    sample = data[:_SAMPLE_BYTES]
    cut = cut or len(data) > len(sample)
    found = codec_of(detect(sample, allow_utf8=False)) or "cp1252"
    if found not in {"cp932", "euc-jp", "gb18030", "big5", "cp949", "iso-2022-jp"} and _is_japanese(sample, cut=cut):
        return "cp932"
    if found == "cp1252" and _is_russian(sample):
        return "cp1251"
    if found in {"cp1252", "cp1250", "cp1254"} or found.startswith(("iso-8859", "iso8859")):
        return _western(sample, found)
    if found == "euc-jp" and _is_chinese(sample, cut=cut):
        return "gb18030"
    if _fits(sample, found, cut=cut):
        return found
    return next((codec for codec in _ORDER if _fits(sample, codec, cut=cut)), found)


def _fits(data: bytes, codec: str, *, cut: bool) -> bool:
    try:
        text_in(data, codec, strict=True, cut=cut)
    except ValueError:
        return False
    return True


def _western(data: bytes, found: str) -> str:
    """Among the encodings of Latin letters the one whose letters stand where letters stand."""
    candidates = (found, *(codec for codec in _WESTERN if codec != found))
    # The old standards are rarer than what Windows made of them: they must be better, not merely as good.
    expected = {found, "cp1252"} if found.startswith("iso") else {found}
    points = {codec: _points(data.decode(codec, "replace")) - 2 * (codec not in expected) for codec in candidates}
    return max(points, key=lambda codec: points[codec])


_AROUND = re.compile(r"(?<=(.))?([^\x00-\x7f])(?=(.))?", re.DOTALL)


def _points(text: str) -> int:
    return sum(_point(m[1] or " ", m[2], m[3] or " ") for m in _AROUND.finditer(text[:100_000]))


def _point(before: str, letter: str, after: str) -> int:
    alone = not before.isalpha() and not after.isalpha()
    if letter in _SIGNS:
        inside = before.isalpha() and after.isalpha()
        return 2 if not inside or letter == "’" else -3
    if letter in _COMMON:
        if alone:
            return 1 if letter in "éèàáóòøåöäüíìí" else -1
        return 2 if not before.isupper() or after.isupper() else -1
    if letter in _CAPITAL:
        return -2 if before.islower() else 1
    if letter.isalpha():
        return -1 if letter.isupper() and before.islower() else 0
    return -3


def _is_russian(data: bytes) -> bool:
    """Whether the letters stand together and apart from Latin ones: a short Cyrillic word, which nobody else counts."""
    text = data[:2000].decode("cp1252", "replace")
    letters = len(re.findall(r"[À-ÖØ-öø-ÿ]", text))
    together = sum(map(len, re.findall(r"(?<![A-Za-zÀ-ÿ])[À-ÖØ-öø-ÿ]{2,}(?![A-Za-zÀ-ÿ])", text)))
    return letters > 1 and letters == together == len(re.findall(r"[^\x00-\x7f]", text))


def _is_japanese(data: bytes, *, cut: bool) -> bool:
    """Whether this is Shift_JIS with letters of NEC and IBM, or of half width, which the detector does not count."""
    try:
        text = text_in(data, "cp932", strict=True, cut=cut)
    except ValueError:
        return False
    foreign = [letter for letter in text if ord(letter) > 0x7F]
    common = sum(_is_common(letter) for letter in foreign)
    half = sum(len(run) for run in re.findall(r"[\uff61-\uff9f]{2,}", text))
    lonely = sum("\uff61" <= letter <= "\uff9f" for letter in foreign) - half
    inside = len(re.findall(r"[a-z][^\x00-\x7f]+[a-z]", text))
    return common >= 2 and not lonely and inside * 3 <= common and (common + half) * 10 >= len(foreign) * 6


def _is_common(letter: str) -> bool:
    """Kana, Japanese punctuation, and the kanji of the first level, which everyday text is written in."""
    if "\u3000" <= letter <= "\u30ff" or "\uff00" <= letter <= "\uff5e":
        return True
    encoded = letter.encode("cp932", "ignore")
    return len(encoded) == 2 and 0x88 <= encoded[0] <= 0x98


def _is_chinese(data: bytes, *, cut: bool) -> bool:
    """Whether text without any kana consists of everyday Chinese characters (the first level of GB 2312)."""
    try:
        text = text_in(data, "gb18030", strict=True, cut=cut)
    except ValueError:
        return False
    pairs = [letter.encode("gb18030") for letter in text if ord(letter) > 0x7F]
    return all(len(pair) == 2 and (0xB0 <= pair[0] <= 0xD7 or pair[0] in {0xA1, 0xA3}) for pair in pairs)
