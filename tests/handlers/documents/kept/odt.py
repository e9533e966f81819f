"""OpenDocument texts: lists, hidden text, tables, formulas, forms."""

from tests.handlers.documents import samples
from tests.handlers.documents.rig import Kept

NAMES = (
    'xmlns:office="o" xmlns:text="t" xmlns:table="tb" xmlns:draw="d" xmlns:style="s" xmlns:fo="f" xmlns:form="fm" '
    'xmlns:xlink="x" xmlns:xml2="xm" xmlns:loext="l"'
)


def odt(
    name: str, body: str, *has: str, lacks: tuple[str, ...] = (), styles: str = "", more: dict[str, str] | None = None
) -> Kept:
    content = (
        f"<office:document-content {NAMES}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    data = samples.changed(samples.odt_with(""), {"content.xml": content, **(more or {})})
    return Kept(name, data, has, lacks)


def letters(name: str, family: str, settings: str) -> str:
    return f'<style:style style:name="{name}" style:family="{family}"><style:text-properties {settings}/></style:style>'


LIST = (
    '<text:list-style style:name="L"><text:list-level-style-number text:level="1" style:num-format="1" '
    'style:num-prefix="Clause " text:start-value="2"/><text:list-level-style-number text:level="2" style:num-format="a" '
    'style:num-suffix=")" text:display-levels="2"/></text:list-style>'
)
ITEM = "<text:list-item><text:p>{}</text:p></text:list-item>"

DOCUMENTS = (
    odt(
        "raised.odt",
        '<text:p>10<text:span text:style-name="U">6</text:span> <text:span text:style-name="S">199</text:span> 149 EUR</text:p>',
        "10^6 ~~199~~ 149 EUR",
        styles=letters("U", "text", 'style:text-position="super 58%"')
        + letters("S", "text", 'style:text-line-through-style="solid"'),
    ),
    odt(
        "hidden.odt",
        '<text:p>seen<text:span text:style-name="H">secret</text:span><text:span text:style-name="W">secret</text:span></text:p>'
        '<text:section text:display="none"><text:p>secret</text:p></text:section><text:p>x<text:hidden-paragraph '
        'text:is-hidden="true"/>secret</text:p><text:p><text:hidden-text text:string-value="secret">secret</text:hidden-text>end</text:p>',
        "seen\nend",
        lacks=("secret",),
        styles=letters("H", "text", 'text:display="none"') + letters("W", "text", 'fo:color="#ffffff"'),
    ),
    odt(
        "lists.odt",
        f'<text:list text:style-name="L">{ITEM.format("a")}<text:list-item><text:p>b</text:p><text:list>{ITEM.format("c")}'
        f'</text:list></text:list-item></text:list><text:p>between</text:p><text:list text:style-name="L" '
        f'text:continue-numbering="true">{ITEM.format("d")}</text:list><text:list text:style-name="L">{ITEM.format("e")}</text:list>',
        "Clause 2 a\nClause 3 b\n3.a) c\nbetween\nClause 4 d\nClause 2 e",
        styles=LIST,
    ),
    odt(
        "headings.odt",
        '<text:h text:outline-level="1">One</text:h><text:h text:outline-level="2">Sub</text:h><text:h text:outline-level="1">Two</text:h>',
        "# 1 One\n## 1.1 Sub\n# 2 Two",
        styles='<text:outline-style><text:outline-level-style text:level="1" style:num-format="1"/>'
        '<text:outline-level-style text:level="2" style:num-format="1" text:display-levels="2"/></text:outline-style>',
    ),
    odt(
        "spans.odt",
        '<table:table><table:table-row><table:table-cell table:number-columns-spanned="2"><text:p>wide</text:p></table:table-cell>'
        "<table:covered-table-cell><text:p>old</text:p></table:covered-table-cell><table:table-cell><text:p>c</text:p>"
        '</table:table-cell></table:table-row><table:table-row table:visibility="filter"><table:table-cell><text:p>secret</text:p>'
        "</table:table-cell></table:table-row></table:table>",
        "wide\t\tc",
        lacks=("old", "secret"),
    ),
    odt(
        "maths.odt",
        '<text:p>A <draw:frame><draw:object xlink:href="./Object 1"/></draw:frame></text:p>',
        "A (1)/(12)r^2",
        more={
            "Object 1/content.xml": '<math xmlns="m"><semantics><mrow><mfrac><mn>1</mn><mn>12</mn></mfrac><msup><mi>r</mi><mn>2</mn>'
            "</msup></mrow><annotation>secret</annotation></semantics></math>"
        },
    ),
    odt(
        "forms.odt",
        '<office:forms><form:form><form:checkbox form:id="c1" form:label="Yes" form:current-state="checked"/><form:listbox form:id="c2">'
        '<form:option form:label="Red"/><form:option form:label="Blue" form:current-selected="true"/></form:listbox></form:form></office:forms>'
        '<text:p><draw:control draw:control="c1"/> <draw:control draw:control="c2"/></text:p>',
        "☒ Yes Blue",
        lacks=("Red",),
    ),
    odt(
        "ruby.odt",
        "<text:p><text:ruby><text:ruby-base>東京</text:ruby-base><text:ruby-text>とうきょう</text:ruby-text></text:ruby></text:p>",
        "東京(とうきょう)",
    ),
)
