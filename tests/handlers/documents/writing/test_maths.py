"""The tests of formulas as a line of text."""

from xml.etree.ElementTree import fromstring

import pytest

from handlers.documents.writing.maths import mathml, office_maths


def r(text):
    return f"<m:r><m:t>{text}</m:t></m:r>"


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        (f"<m:f><m:num>{r('1')}</m:num><m:den>{r('12')}</m:den></m:f>", "(1)/(12)"),
        (f"<m:sSup><m:e>{r('r')}</m:e><m:sup>{r('2')}</m:sup></m:sSup>", "r^2"),
        (f"<m:sSubSup><m:e>{r('x')}</m:e><m:sub>{r('i')}</m:sub><m:sup>{r('n+1')}</m:sup></m:sSubSup>", "x_i^(n+1)"),
        (f"<m:rad><m:deg/><m:e>{r('2')}</m:e></m:rad>", "sqrt(2)"),
        (f"<m:rad><m:deg>{r('3')}</m:deg><m:e>{r('8')}</m:e></m:rad>", "root(3, 8)"),
        (f"<m:d><m:dPr><m:begChr m:val='['/><m:endChr m:val=''/></m:dPr><m:e>{r('a')}</m:e></m:d>", "[a"),
        (f"<m:m><m:mr><m:e>{r('a')}</m:e><m:e>{r('b')}</m:e></m:mr></m:m>", "[a, b]"),
        (f"<m:func><m:fName>{r('sin')}</m:fName><m:e>{r('x')}</m:e></m:func>", "sin x"),
        (f"<m:acc><m:e>{r('x')}</m:e></m:acc>", "hat(x)"),
    ],
)
def test_formulas_of_office(xml, text):
    assert office_maths(fromstring(f"<m:oMath xmlns:m='m'>{xml}</m:oMath>")) == text


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        ("<mfrac><mn>1</mn><mn>12</mn></mfrac>", "(1)/(12)"),
        ("<msup><mi>r</mi><mn>2</mn></msup><mo>=</mo><msqrt><mn>2</mn></msqrt>", "r^2 = sqrt(2)"),
        ("<munderover><mo>∑</mo><mi>i</mi><mi>n</mi></munderover>", "∑_i^n"),
        ("<mfenced open='['><mi>a</mi><mi>b</mi></mfenced>", "[a, b)"),
        ("<msup><mi>r</mi></msup>", "r"),
    ],
)
def test_formulas_of_mathml(xml, text):
    assert mathml(fromstring(f"<math>{xml}</math>")) == text
