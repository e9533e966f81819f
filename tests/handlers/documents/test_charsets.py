"""The tests of what the labels of encodings mean."""

import pytest

from handlers.documents.charsets import codec_of, text_in


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("GB2312", "gb18030"),
        ("gbk", "gb18030"),
        (" latin1 ", "cp1252"),
        ("us-ascii", "cp1252"),
        ("x-sjis", "cp932"),
        ("ks_c_5601-1987", "cp949"),
        ("windows-874", "cp874"),
        ("cp-850", "cp850"),
        ("'utf8'", "utf-8"),
        ("iso-2022-kr", "iso2022_kr"),
        ("rot13", None),
        ("idna", None),
        ("", None),
        (None, None),
    ],
)
def test_labels_mean_what_they_mean_in_browsers(label, codec):
    assert codec_of(label) == codec


@pytest.mark.parametrize("codec", ["iso-2022-jp", "euc-jp"])
def test_japanese_has_the_letters_of_nec(codec):
    data = b"\x1b$B-!;3\x1b(B a" if codec == "iso-2022-jp" else b"\xad\xa1\xbb\xb3 a"
    assert text_in(data, codec, strict=True) == "①山 a"


def test_half_a_letter_is_a_fault_only_at_the_end_of_the_whole():
    assert text_in("山".encode("cp932")[:1], "cp932", strict=True, cut=True) == ""
    with pytest.raises(ValueError, match="incomplete"):
        text_in("山".encode("cp932")[:1], "cp932", strict=True)
