"""Word documents: lists, hidden text, tables, formulas, forms, symbols."""

from tests.handlers.documents import samples
from tests.handlers.documents.rig import Kept

M = 'xmlns:m="m"'
BOXES = "<w:rPr><w:rFonts w:ascii='Wingdings'/></w:rPr>"
RAISED = "<w:vertAlign w:val='superscript'/>"
NEVER = "<w:lvlRestart w:val='0'/>"
WHITE = "<w:color w:val='FFFFFF'/>"


def p(text: str, properties: str = "", letters: str = "") -> str:
    return f'<w:p><w:pPr>{properties}</w:pPr><w:r><w:rPr>{letters}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def r(text: str, letters: str = "") -> str:
    return f'<w:r><w:rPr>{letters}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def item(number: int, level: int = 0) -> str:
    return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'


def level(at: int, form: str, text: str, more: str = "") -> str:
    return (
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/>{more}</w:lvl>'
    )


NUMBERING = (
    f'<w:root><w:abstractNum w:abstractNumId="0">{level(0, "decimal", "Clause %1")}{level(1, "lowerLetter", "(%2)")}'
    f'{level(2, "upperRoman", "%1.%2.%3", "<w:isLgl/>")}</w:abstractNum><w:abstractNum w:abstractNumId="1">'
    f"{level(0, 'bullet', '&#xF0A8;', BOXES)}</w:abstractNum>"
    f'<w:abstractNum w:abstractNumId="2">{level(0, "upperRoman", "%1.")}{level(1, "decimal", "%2)", NEVER)}'
    '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="0"/>'
    '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride></w:num><w:num w:numId="3"><w:abstractNumId w:val="1"/></w:num>'
    '<w:num w:numId="4"><w:abstractNumId w:val="2"/></w:num></w:root>'
)


def docx(name: str, body: str, *has: str, lacks: tuple[str, ...] = (), notes: tuple[str, ...] = ()) -> Kept:
    return Kept(name, samples.docx_of(body, {"numbering": ("numbering", NUMBERING)}), has, lacks, notes)


def tc(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{text}</w:tc>"


DRAWING = (
    "<w:p><w:r><w:drawing><wp:inline xmlns:wp='wp'><wp:docPr id='1' name='x' hidden='1'/><wps:txbx><w:txbxContent>"
    + p("secret")
    + "</w:txbxContent></wps:txbx></wp:inline></w:drawing></w:r></w:p>"
)
CHECK = "<w:r><w:fldChar w:fldCharType='begin'><w:ffData><w:checkBox><w:default w:val='0'/><w:checked/></w:checkBox></w:ffData></w:fldChar></w:r><w:r><w:instrText> FORMCHECKBOX </w:instrText></w:r><w:r><w:fldChar w:fldCharType='end'/></w:r>"
CHOICE = "<w:r><w:fldChar w:fldCharType='begin'><w:ffData><w:ddList><w:result w:val='1'/><w:listEntry w:val='Red'/><w:listEntry w:val='Blue'/></w:ddList></w:ffData></w:fldChar></w:r><w:r><w:instrText> FORMDROPDOWN </w:instrText></w:r><w:r><w:fldChar w:fldCharType='end'/></w:r>"
CONTROL = "<w:sdt><w:sdtPr><w14:checkbox xmlns:w14='w14'><w14:checked w14:val='0'/></w14:checkbox></w:sdtPr><w:sdtContent><w:r><w:t>?</w:t></w:r></w:sdtContent></w:sdt>"
FORMULA = (
    f"<w:p><m:oMathPara {M}><m:oMath><m:f><m:num><m:r><m:t>1</m:t></m:r></m:num><m:den><m:r><m:t>12</m:t></m:r></m:den></m:f><m:sSup><m:e><m:r>"
    "<m:t>r</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup><m:rad><m:deg/><m:e><m:r><m:t>2</m:t></m:r></m:e></m:rad></m:oMath></m:oMathPara></w:p>"
)

DOCUMENTS = (
    docx(
        "clauses.docx",
        p("a", item(1))
        + p("b", item(1, 1))
        + p("c", item(1, 1))
        + p("d", item(1, 2))
        + p("e", item(1))
        + p("f", item(1, 1))
        + p("g", item(2)),
        "Clause 1 a\n(a) b\n(b) c\n1.2.1 d\nClause 2 e\n(a) f\nClause 7 g",
    ),
    docx(
        "never restarts.docx",
        p("a", item(4)) + p("b", item(4, 1)) + p("c", item(4)) + p("d", item(4, 1)),
        "I. a\n1) b\nII. c\n2) d",
    ),
    docx("box bullets.docx", p("todo", item(3)) + p("no list", item(0)), "☐ todo\nno list"),
    docx(
        "raised.docx",
        f"<w:p>{r('10')}{r('6', RAISED)}{r(' 199 ', '<w:strike/>')}{r('149')}</w:p>",
        "10^6 ~~199~~ 149",
    ),
    docx(
        "hidden.docx",
        f"<w:p>{r('seen')}{r('secret', '<w:vanish/>')}{r('secret', WHITE)}</w:p>{DRAWING}"
        "<w:tbl><w:tr><w:trPr><w:hidden/></w:trPr><w:tc>" + p("secret") + "</w:tc></w:tr></w:tbl>",
        "seen",
        lacks=("secret",),
        notes=("Hidden text",),
    ),
    docx(
        "white on dark.docx",
        "<w:tbl><w:tr>"
        + tc(p("seen", "", '<w:color w:val="FFFFFF"/>'), '<w:shd w:val="clear" w:fill="002060"/>')
        + "</w:tr></w:tbl>",
        "seen",
    ),
    docx(
        "forms.docx",
        f"<w:p>{CHECK}{r(' yes ')}{CHOICE}{r(' ')}{CONTROL}</w:p>",
        "☒ yes Blue ☐",
        lacks=("?", "FORM", "Red"),
    ),
    docx(
        "symbols.docx",
        "<w:p><w:r><w:sym w:font='Wingdings' w:char='F0FE'/><w:sym w:font='Symbol' w:char='F06D'/></w:r>"
        + r("\uf0b0", "<w:rFonts w:ascii='Symbol'/>")
        + "</w:p>",
        "☒µ°",
    ),
    docx(
        "symbol field.docx",
        "<w:p><w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText>SYMBOL 174 \\f Symbol</w:instrText></w:r><w:r><w:fldChar w:fldCharType='end'/></w:r></w:p>",
        "→",
    ),
    docx("formula.docx", FORMULA, "(1)/(12)r^2sqrt(2)"),
    docx(
        "ruby.docx",
        "<w:p><w:r><w:ruby><w:rt><w:r><w:t>とうきょう</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>東京</w:t></w:r></w:rubyBase></w:ruby></w:r></w:p>",
        "東京(とうきょう)",
    ),
    docx(
        "spans.docx",
        "<w:tbl><w:tr><w:trPr><w:gridBefore w:val='1'/></w:trPr>"
        + tc(p("wide"), "<w:gridSpan w:val='2'/>")
        + tc(p("tall"), "<w:vMerge w:val='restart'/>")
        + "</w:tr><w:tr>"
        + tc(p("a"))
        + tc("<w:p><w:r><w:t>b</w:t><w:br/><w:t>c</w:t></w:r></w:p>")
        + tc(p("d"))
        + tc(p("old"), "<w:vMerge/>")
        + "</w:tr></w:tbl>",
        "\twide\t\ttall\na\tb / c\td",
        lacks=("old",),
    ),
    Kept(
        "chunk.docx",
        samples.changed(
            samples.docx_of("<w:altChunk xmlns:r='r' r:id='c'/>"),
            {
                "word/_rels/document.xml.rels": '<Relationships><Relationship Id="c" Type="x/aFChunk" Target="chunk.html"/></Relationships>',
                "word/chunk.html": "<p>10<sup>6</sup><p hidden>secret",
            },
        ),
        ("10^6",),
        ("secret",),
    ),
)
