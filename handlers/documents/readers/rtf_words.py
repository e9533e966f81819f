"""The control words of rich text that matter to its text (Rich Text Format Specification 1.9.1)."""

from __future__ import annotations

DESTINATIONS = frozenset(
    b"stylesheet info pict themedata colorschememapping datastore latentstyles rsidtbl generator objdata objclass "
    b"bkmkstart bkmkend pgdsctbl revtbl filetbl xmlnstbl nonshppict atnid atnref atrfstart atrfend atndate atntime "
    b"atnparent atnicn ftnsep ftnsepc ftncn aftnsep aftnsepc aftncn tc tcn xe comment private1 private datafield "
    b"docvar userprops mmathPr passwordhash oleclsid falt panose template nextfile background shprslt nonesttables "
    b"listpicture listname liststylename fontemb fontfile wgrffmtfilter xmlopen xmlclose xmlattr txe rxe author "
    b"operator title subject keywords doccomm company manager category hlinkbase bliptag picprop fchars lchars "
    b"mfPr mdPr mctrlPr mradPr msSupPr msSubPr msSubSupPr mnaryPr mrPr maccPr mbarPr mmPr mlimLowPr mlimUppPr "
    b"mfuncPr meqArrPr mgroupChrPr mboxPr mborderBoxPr mphantPr msPrePr moMathParaPr mmathPict protusertbl "
    b"pnseclvl pn writereservhash factoidname defchp defpap svb objalias objsect objname".split()
)
"""Groups whose text is no part of the page."""

STARRED = frozenset(
    b"fftype ffres ffdefres shpinst shptxt footnote annotation atnauthor do dptxbxtext ud fldinst formfield ffl ffname "
    b"moMath moMathPara listtable listoverridetable fonttbl colortbl shpgrp sp sn sv cs fldrslt result".split()
)
"""Destinations that are marked as optional and hold text, or say something about it, all the same."""

FORMATTING = frozenset(
    b"b i ul ulnone uld uldb ulw f fs cf cb highlight plain par pard line tab sect page row cell trowd cellx intbl v "
    b"deleted super sub nosupersub up dn strike striked outl shad scaps caps kerning expnd expndtw lang langfe langnp "
    b"ql qr qc qj li ri fi sb sa sl slmult ls ilvl outlinelevel keep keepn widctlpar nowidctlpar hyphpar s cs ltrch "
    b"rtlch ltrpar rtlpar loch hich dbch af afs chcbpat cbpat insrsid charrsid rsid revised u uc emdash endash bullet "
    b"lquote rquote ldblquote rdblquote header headerl headerr headerf footer footerl footerr footerf cols".split()
)
"""Known words: a star before them says nothing, and what follows is text."""

WORDS = {
    b"tab": "\t",
    b"nestrow": "\n",
    b"nestcell": "\t",
    b"emdash": "\u2014",
    b"endash": "\u2013",
    b"bullet": "\u2022",
    b"lquote": "\u2018",
    b"rquote": "\u2019",
    b"ldblquote": "\u201c",
    b"rdblquote": "\u201d",
    b"emspace": " ",
    b"enspace": " ",
    b"qmspace": " ",
    b"line": "\n",
    b"lbr": "\n",
    b"softline": "\n",
}
BREAKS = frozenset((b"par", b"sect", b"page", b"column", b"softpage"))
SYMBOLS = {b"~": " ", b"_": "-", b"\\": "\\", b"{": "{", b"}": "}"}

OPENED = {
    **dict.fromkeys((b"header", b"headerl", b"headerr", b"headerf"), ("[Header] ", "\n")),
    **dict.fromkeys((b"footer", b"footerl", b"footerr", b"footerf"), ("[Footer] ", "\n")),
    b"footnote": (" [Note: ", "]"),
    b"annotation": (" [Comment: ", "]"),
    b"atnauthor": (" [Comment by ", "]"),
    b"shptxt": ("\n", "\n"),
    b"dptxbxtext": ("\n", "\n"),
    b"mnum": ("(", ")"),
    b"mden": ("/(", ")"),
    b"msup": ("^(", ")"),
    b"msub": ("_(", ")"),
    b"mrad": ("sqrt(", ")"),
    b"md": ("(", ")"),
}
"""What stands around the text of a group."""

FONT_CODECS = {
    0: "cp1252", 77: "mac_roman", 78: "cp932", 79: "cp949", 80: "gb18030", 81: "cp950", 82: "johab", 85: "mac_greek",
    86: "mac_turkish", 88: "mac_latin2", 89: "mac_cyrillic", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030",
    136: "cp950", 161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257",
    204: "cp1251", 222: "cp874", 238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
"""The code page of a font's character set; 1 is the document's own, 2 a symbol font."""
SYMBOL_SET = 2

NUMBERS = {
    0: "decimal", 1: "upperRoman", 2: "lowerRoman", 3: "upperLetter", 4: "lowerLetter", 5: "ordinal",
    6: "cardinalText", 7: "ordinalText", 10: "ideographDigital", 11: "japaneseCounting", 12: "aiueo", 13: "iroha",
    14: "decimalFullWidth", 16: "japaneseLegal", 17: "japaneseDigitalTenThousand", 18: "decimalEnclosedCircle",
    19: "decimalFullWidth2", 20: "aiueoFullWidth", 21: "irohaFullWidth", 22: "decimalZero", 23: "bullet",
    24: "ganada", 25: "chosung", 26: "decimalEnclosedFullstop", 27: "decimalEnclosedParen",
    28: "decimalEnclosedCircleChinese", 29: "ideographEnclosedCircle", 30: "ideographTraditional",
    31: "ideographZodiac", 33: "taiwaneseCounting", 34: "ideographLegalTraditional",
    35: "taiwaneseCountingThousand", 36: "taiwaneseDigital", 37: "chineseCounting", 38: "chineseLegalSimplified",
    39: "chineseCountingThousand", 41: "koreanDigital", 42: "koreanCounting", 44: "koreanDigital2", 45: "hebrew1",
    46: "arabicAlpha", 47: "hebrew2", 48: "arabicAbjad", 49: "hindiVowels", 50: "hindiConsonants",
    51: "hindiNumbers", 53: "thaiLetters", 54: "thaiNumbers", 57: "numberInDash", 58: "russianLower",
    59: "russianUpper", 255: "none",
}  # fmt: skip
"""Numerals by \\levelnfc."""
