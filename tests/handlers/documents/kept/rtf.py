"""Rich text: fonts, hidden text, lists, tables, forms."""

from tests.handlers.documents.rig import Kept

HEAD = (
    rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss Arial;}{\f1\fcharset204 Arial CYR;}{\f2\fcharset128 Mincho;}"
    rb"{\f3\fnil\fcharset2 Symbol;}{\f4\fcharset2 Wingdings;}}{\colortbl;\red0\green0\blue0;\red255\green255\blue255;}"
    rb"{\*\listtable{\list{\listlevel\levelnfc0\levelstartat1{\leveltext\'08Clause \'00;}{\levelnumbers\'08;}}"
    rb"{\listlevel\levelnfc4\levelstartat1{\leveltext\'03(\'01);}{\levelnumbers\'02;}}{\listname Nameless;}\listid77}}"
    rb"{\*\listoverridetable{\listoverride\listid77\ls1}{\listoverride\listid77{\lfolevel\listoverridestartat\levelstartat5}\ls2}}"
)


def text(name: str, body: bytes, *has: str, lacks: tuple[str, ...] = (), notes: tuple[str, ...] = ()) -> Kept:
    return Kept(name, HEAD + body + b"}", has, lacks, notes)


DOCUMENTS = (
    text("font pages.rtf", rb"\f1 \'cf\'f0\'e8\f0  Gr\'fc\'df\f2  \'93\'fa\'96\'7b", "При Grüß 日本"),
    text("symbols.rtf", rb"{\f3 m\'b0 \'ae} {\f4\'fe\'a8}", "µ° → ☒☐"),
    text("raised.rtf", rb"10{\super 6} H{\sub 2}O {\strike 199} 149", "10^6 H_2O ~~199~~ 149"),
    text(
        "hidden.rtf",
        rb"seen{\v secret}{\deleted secret}{\cf2 secret} end",
        "seen end",
        lacks=("secret",),
        notes=("Hidden text",),
    ),
    text("white on dark.rtf", rb"{\cf2\highlight1 seen}", "seen"),
    text(
        "lists.rtf",
        rb"\pard\ls1 a\par b\par\ilvl1 c\par\ilvl0 d\par\pard\ls2 e\par",
        "Clause 1 a\nClause 2 b\n(a) c\nClause 3 d\nClause 5 e",
        lacks=("Nameless",),
    ),
    text("stored labels.rtf", rb"{\listtext 4.\tab}four\par{\pntext\f3\'b7\tab}dot\par", "4. four\n- dot"),
    text("starred.rtf", rb"{\*\b bold}{\*\unknown secret}{\upr ANSI{\*\ud UNI}}", "boldUNI", lacks=("secret", "ANSI")),
    Kept("mac.rtf", rb"{\rtf1\mac Gr\'9f\'a7e}", ("Grüße",)),
    text(
        "spans.rtf",
        rb"\trowd\cellx1000\cellx3000 A\cell B\cell\row\trowd\cellx1000\cellx2000\cellx3000 a\cell b\line c\cell d\cell\row\pard x",
        "A\tB\na\tb / c\td\nx",
    ),
    text(
        "indented row.rtf",
        rb"\trowd\cellx1000\cellx2000 a\cell b\cell\row\trowd\trleft1000\cellx2000 c\cell\row",
        "a\tb\n\tc",
    ),
    text(
        "merged.rtf",
        rb"\trowd\clmgf\cellx1000\clmrg\cellx2000\cellx3000 A\cell old\cell C\cell\row",
        "A\t\tC",
        lacks=("old",),
    ),
    text(
        "form.rtf",
        rb"{\field{\*\fldinst FORMCHECKBOX{\*\formfield{\fftype1\ffres1}}}{\fldrslt}} {\field{\*\fldinst FORMDROPDOWN"
        rb"{\*\formfield{\fftype2\ffres1{\*\ffl Red}{\*\ffl Blue}}}}{\fldrslt}} {\field{\*\fldinst SYMBOL 252 \\f Wingdings}{\fldrslt}}",
        "☒ Blue ✓",
        lacks=("Red",),
    ),
    text(
        "shapes.rtf",
        rb"{\shp{\*\shpinst{\sp{\sn fHidden}{\sv 1}}{\shptxt secret\par}}}{\shp{\*\shpinst{\shptxt box\par}}{\shprslt old}}y",
        "box\ny",
        lacks=("secret", "old"),
    ),
)
