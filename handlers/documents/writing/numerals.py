"""A number of a list or heading in the numerals a document asks for (ECMA-376, part 1, 17.18.59 ST_NumberFormat)."""

from __future__ import annotations

from collections.abc import Callable

_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
    (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip
_ONES = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_TENS = ["-", "-", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
_CYRILLIC = "абвгдежзиклмнопрстуфхцчшщыэюя"
_GREEK = "αβγδεζηθικλμνξοπρστυφχψω"
_HEBREW_LETTERS = "אבגדהוזחטיכלמנסעפצקרשת"
_HEBREW = (
    (400, "ת"), (300, "ש"), (200, "ר"), (100, "ק"), (90, "צ"), (80, "פ"), (70, "ע"), (60, "ס"), (50, "נ"), (40, "מ"),
    (30, "ל"), (20, "כ"), (10, "י"), (9, "ט"), (8, "ח"), (7, "ז"), (6, "ו"), (5, "ה"), (4, "ד"), (3, "ג"), (2, "ב"),
    (1, "א"),
)  # fmt: skip
_KANJI = "〇一二三四五六七八九"
_FORMAL = "零壹貳參肆伍陸柒捌玖"
_KOREAN = "영일이삼사오육칠팔구"
_CYCLES = {
    "aiueo": "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝ",
    "aiueoFullWidth": "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン",
    "iroha": "ｲﾛﾊﾆﾎﾍﾄﾁﾘﾇﾙｦﾜｶﾖﾀﾚｿﾂﾈﾅﾗﾑｳｰﾉｵｸﾔﾏｹﾌｺｴﾃｱｻｷﾕﾒﾐｼｰﾋﾓｾｽﾝ",
    "irohaFullWidth": (
        "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセスン"
    ),
    "ganada": "가나다라마바사아자차카타파하",
    "chosung": "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ",
    "ideographTraditional": "甲乙丙丁戊己庚辛壬癸",
    "ideographZodiac": "子丑寅卯辰巳午未申酉戌亥",
    "thaiLetters": "กขคงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ",
    "arabicAlpha": "أبتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "arabicAbjad": "أبجدهوزحطيكلمنسعفصقرشتثخذضظغ",
    "hindiVowels": "कखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसह",
    "hindiConsonants": "अआइईउऊऋएऐओऔ",
    "chicago": "*†‡§",
    "hebrew2": _HEBREW_LETTERS,
    "russianLower": _CYRILLIC,
    "russianUpper": _CYRILLIC.upper(),
    "greekLower": _GREEK,
    "greekUpper": _GREEK.upper(),
}
_DIGITS = {
    "decimalFullWidth": "０１２３４５６７８９", "decimalFullWidth2": "０１２３４５６７８９",
    "hindiNumbers": "०१२३४५६७८९", "thaiNumbers": "๐๑๒๓๔๕๖๗๘๙", "arabicIndic": "٠١٢٣٤٥٦٧٨٩",
    "ideographDigital": _KANJI, "japaneseDigitalTenThousand": _KANJI, "taiwaneseDigital": "○" + _KANJI[1:],
    "koreanDigital": _KOREAN, "koreanDigital2": "零一二三四五六七八九",
}  # fmt: skip
_COUNTED = {
    "chineseCounting", "chineseCountingThousand", "taiwaneseCounting",
    "taiwaneseCountingThousand",
}  # fmt: skip


def numeral(number: int, form: str) -> str:
    """`number` (0 and more) in the numerals of that ST_NumberFormat; an unknown form gives plain digits."""
    if form in {"none", "bullet"}:
        return ""
    if form in _CYCLES:
        return _cycled(number, _CYCLES[form])
    if form in _DIGITS:
        return "".join(_DIGITS[form][int(digit)] for digit in str(number))
    if form in _COUNTED:
        return _counted(number, _KANJI, "十百千")
    maker = _MAKERS.get(form)
    return maker(number) if maker else str(number)


def roman(number: int) -> str:
    """Roman capitals; plain digits where the Romans had none."""
    if not 0 < number < 32_768:
        return str(number)
    written = ""
    for value, letters in _ROMAN:
        written += letters * (number // value)
        number %= value
    return written


def letters(number: int) -> str:
    """A to z, then aa, bb, cc as word processors count."""
    return chr(96 + (number - 1) % 26 + 1) * ((number - 1) // 26 + 1) if 0 < number <= 780 else str(number)


def columns(number: int) -> str:
    """A to z, then aa, ab, ac as spreadsheets and web pages count."""
    written = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        written = chr(97 + rest) + written
    return written or "0"


def _cycled(number: int, signs: str) -> str:
    if number < 1:
        return str(number)
    return signs[(number - 1) % len(signs)] * min((number - 1) // len(signs) + 1, 30)


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _words(number: int) -> str:
    if number < 20:
        return _ONES[number]
    if number < 100:
        return _TENS[number // 10] + (f"-{_ONES[number % 10]}" if number % 10 else "")
    if number < 1000:
        return f"{_ONES[number // 100]} hundred" + (f" {_words(number % 100)}" if number % 100 else "")
    if number < 1_000_000:
        return f"{_words(number // 1000)} thousand" + (f" {_words(number % 1000)}" if number % 1000 else "")
    return str(number)


def _ordinal_words(number: int) -> str:
    words = _words(number)
    start, last = words[: -len(words.split()[-1].split("-")[-1])], words.split()[-1].split("-")[-1]
    return start + (_ORDINALS.get(last) or (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th"))


def _hebrew(number: int) -> str:
    written, left = "", number
    for value, letter in _HEBREW:
        written += letter * (left // value)
        left %= value
    return written.replace("יה", "טו").replace("יו", "טז") or str(number)


def _counted(number: int, digits: str, units: str, *, spoken: bool = False) -> str:
    """Numbers as they are spoken in Chinese and Japanese: 二十三; `spoken` leaves out each one before a unit."""
    if number == 0 or number >= 10_000:
        return "".join(digits[int(digit)] for digit in str(number))
    written = ""
    for place, digit in zip(range(len(str(number)) - 1, -1, -1), str(number), strict=True):
        if digit != "0":
            silent = digit == "1" and place > 0 and (spoken or (place == 1 and number < 20))
            written += ("" if silent else digits[int(digit)]) + (units[place - 1] if place else "")
    return written


def _enclosed(first: str, most: int) -> Callable[[int], str]:
    return lambda number: chr(ord(first) + number - 1) if 0 < number <= most else str(number)


_MAKERS: dict[str, Callable[[int], str]] = {
    "upperRoman": roman,
    "lowerRoman": lambda number: roman(number).lower(),
    "upperLetter": lambda number: letters(number).upper(),
    "lowerLetter": letters,
    "ordinal": _ordinal,
    "cardinalText": lambda number: _words(number).capitalize(),
    "ordinalText": lambda number: _ordinal_words(number).capitalize(),
    "hex": lambda number: f"{number:X}",
    "decimalZero": lambda number: f"{number:02}",
    "numberInDash": lambda number: f"- {number} -",
    "decimalEnclosedCircle": _enclosed("①", 20),
    "decimalEnclosedCircleChinese": _enclosed("①", 20),
    "decimalEnclosedFullstop": _enclosed("⒈", 20),
    "decimalEnclosedParen": _enclosed("⑴", 20),
    "ideographEnclosedCircle": _enclosed("㊀", 10),
    "hebrew1": _hebrew,
    "japaneseCounting": lambda number: _counted(number, _KANJI, "十百千", spoken=True),
    "koreanCounting": lambda number: _counted(number, _KOREAN, "십백천"),
    "chineseLegalSimplified": lambda number: _counted(number, "零壹贰叁肆伍陆柒捌玖", "拾佰仟"),
    "ideographLegalTraditional": lambda number: _counted(number, _FORMAL, "拾佰仟"),
    "japaneseLegal": lambda number: _counted(number, "零壱弐参四伍六七八九", "拾百阡"),
}
