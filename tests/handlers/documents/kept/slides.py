"""Presentations: lists, hidden shapes, letters in the colour of the slide."""

import pptx
from lxml import etree
from pptx.dml.color import RGBColor
from pptx.util import Inches

from tests.handlers.documents import samples
from tests.handlers.documents.rig import Kept

A = "http://schemas.openxmlformats.org/drawingml/2006/main"
PLACE = (Inches(1), Inches(1), Inches(4), Inches(2))


def slide(*paragraphs: tuple[str, str, str]) -> bytes:
    """A slide with a box of paragraphs: text, XML in a:pPr, attributes and XML of a:rPr."""
    show = pptx.Presentation()
    frame = show.slides.add_slide(show.slide_layouts[6]).shapes.add_textbox(*PLACE).text_frame
    for text, properties, letters in paragraphs:
        xml = f'<a:p xmlns:a="{A}"><a:pPr{properties}</a:pPr><a:r><a:rPr{letters}</a:rPr><a:t>{text}</a:t></a:r></a:p>'
        frame._txBody.append(etree.fromstring(xml))
    return samples.saved(show)


def shapes() -> bytes:
    show = pptx.Presentation()
    drawn = show.slides.add_slide(show.slide_layouts[6]).shapes
    drawn.add_textbox(*PLACE).text_frame.text = "secret"
    drawn[0]._element.nvSpPr.cNvPr.set("hidden", "1")
    drawn.add_textbox(Inches(-9), *PLACE[1:]).text_frame.text = "aside"
    dark = drawn.add_shape(1, *PLACE)
    dark.fill.solid()
    dark.fill.fore_color.rgb = RGBColor(0, 0, 0)
    for box, text in ((dark, "seen"), (drawn.add_textbox(Inches(6), *PLACE[1:]), "white")):
        box.text_frame.text = text
        box.text_frame.paragraphs[0].runs[0].font.color.rgb = RGBColor(255, 255, 255)
    return samples.saved(show)


NUMBER = '><a:buAutoNum type="alphaLcParenBoth"/>'
DOCUMENTS = (
    Kept(
        "lists.pptx",
        slide(
            ("a", NUMBER, ">"),
            ("b", NUMBER, ">"),
            ("c", ' lvl="1"><a:buAutoNum type="romanUcPeriod" startAt="3"/>', ">"),
            ("d", NUMBER, ">"),
            ("e", '><a:buFont typeface="Wingdings"/><a:buChar char="&#168;"/>', ">"),
            ("f", NUMBER, ">"),
        ),
        ("(a) a\n(b) b\nIII. c\n(c) d\n☐ e\n(a) f",),
    ),
    Kept(
        "raised.pptx",
        slide(
            ("6", ">", ' baseline="30000">'), ("199", ">", ' strike="sngStrike">'), ("2", ">", ' baseline="-25000">')
        ),
        ("^6\n~~199~~\n_2",),
    ),
    Kept("hidden.pptx", shapes(), ("[outside the slide] aside", "seen"), ("secret", "white"), ("Hidden text",)),
)
