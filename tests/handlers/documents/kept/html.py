"""Web pages: what is drawn, what is hidden, tables, forms, lists, readings."""

from tests.handlers.documents.rig import Kept


def page(name: str, body: str, *has: str, lacks: tuple[str, ...] = ()) -> Kept:
    return Kept(name, f"<!doctype html><meta charset=utf-8><body>{body}".encode(), has, lacks)


DOCUMENTS = (
    page("raised.html", "10<sup>6</sup> H<sub>2</sub>O x<sup>n+1</sup>", "10^6 H_2O x^(n+1)"),
    page(
        "struck.html",
        "<s>199</s> 149 EUR, <span style='text-decoration:line-through'>a</span>",
        "~~199~~ 149 EUR, ~~a~~",
    ),
    page("pre.html", "<pre>  a\n    b\tc</pre>", "  a\n    b\tc"),
    page("ruby.html", "<ruby>東京<rp>(</rp><rt>とうきょう</rt><rp>)</rp></ruby>", "東京(とうきょう)"),
    page("script.html", "<script>secret</script x=y>after<script>b</script\n>end", "after", "end", lacks=("secret",)),
    page("checks.html", "<ul><li><input type=checkbox checked>done<li><input type=checkbox>todo", "☒ done", "☐ todo"),
    page("select.html", "<select><option>Red<option selected>Blue</select>", "Blue", lacks=("Red",)),
    page("several.html", "<select multiple><option>Red<option selected>Blue</select>", "☐ Red, ☒ Blue"),
    page(
        "fields.html",
        "<input value=Ada><input type=password value=p4ss><textarea>two\nlines</textarea>",
        "Ada",
        "two\nlines",
        lacks=("p4ss",),
    ),
    page(
        "numbers.html", "<ol type=a start=3><li>x<li value=9>y</ol><ol reversed><li>p<li>q", "c. x\ni. y", "2. p\n1. q"
    ),
    page(
        "spans.html",
        "<table><tr><th rowspan=2>A<th colspan=2>B<tr><td>b<td>c<tr><td>1<td>2<br>zwei<td>3",
        "A\tB",
        "\tb\tc",
        "1\t2 / zwei\t3",
    ),
    page("nested.html", "<table><tr><td>a<td><table><tr><td>x<td>y</table><td>z", "a\tx | y\tz"),
    page(
        "sheet.html",
        "<style>.h{display:none}@media print{.p{display:none}}</style><p class=h>secret<p class=p>seen",
        "seen",
        lacks=("secret",),
    ),
    page(
        "far.html",
        "<p style='position:absolute;left:-9999px'>secret<p style='color:#fefefe'>secret<p>seen",
        "seen",
        lacks=("secret",),
    ),
    page(
        "clipped.html",
        "<div style='max-height:0;overflow:hidden'>secret</div><span style='font-size:1px'>secret</span>seen",
        "seen",
        lacks=("secret",),
    ),
    page("inline blocks.html", "<div style='font-size:0'><span style='font-size:14px'>seen</span></div>", "seen"),
    page(
        "white on dark.html", "<style>td{background:#003}</style><table><tr><td style='color:white'>seen<td>x", "seen"
    ),
    page(
        "maths.html",
        "<math><mfrac><mn>1</mn><mn>12</mn></mfrac><msup><mi>r</mi><mn>2</mn></msup><msqrt><mn>2</mn></msqrt></math>",
        "(1)/(12)r^2sqrt(2)",
    ),
    Kept("piece.htm", b"<p>one<p>two", ("one\ntwo",), ("<p>",)),
)
