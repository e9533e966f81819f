"""Tests of what is made of the API's own sentences: the cause, the limit and the place, in words of ours."""

import pytest

from handlers.claude.refusal import Refusal, refusal_of, setting_of

SAID = {
    "messages.0.content.1.pdf.source.base64.data: A maximum of 100 PDF pages may be provided.": (
        "media",
        100,
        (0, 1),
        "a request may hold 100 pages",
    ),
    "A maximum of 600 PDF pages may be provided.": ("media", 600, None, "a request may hold 600 pages"),
    "Too much media: 0 document pages + 102 images > 100": (
        "media",
        100,
        None,
        "a request may hold 100 pages and pictures",
    ),
    "too many images and documents: 120 + 0 > 100": ("media", 100, None, "a request may hold 100 pages and pictures"),
    "messages.2.content.0.pdf.source.base64.data: The PDF specified is password protected.": (
        "pdf",
        None,
        (2, 0),
        "locked with a password",
    ),
    "messages.2.content.0.pdf.source.base64.data: The PDF specified was not valid.": (
        "pdf",
        None,
        (2, 0),
        "could not open this PDF",
    ),
    "Could not process image": ("picture", None, None, "could not open this picture"),
    "messages.118.content.4.image.source.base64: image cannot be empty": ("picture", None, (118, 4), "could not open"),
    "messages.0.content.1.image.source.base64: The image was specified using the image/png media type, but the image "
    "appears to be a image/jpeg image": ("picture", None, (0, 1), "could not open this picture"),
    "messages.0.content.1.image.source.base64: image exceeds 5 MB maximum: 5316852 bytes > 5242880 bytes": (
        "picture",
        5,
        (0, 1),
        "may have 5 MB",
    ),
    "messages.0.content.1.image.source.base64.data: At least one of the image dimensions exceed max allowed size: 8000 "
    "pixels": ("picture", 8000, (0, 1), "8000 pixels a side"),
    "messages.41.content.31.image.source.base64.data: At least one of the image dimensions exceed max allowed size for "
    "many-image requests: 2000 pixels": ("picture", 2000, (41, 31), "beside so many others"),
    "messages.0.content.0.document.source.text.data: document text must be non-empty": ("file", None, (0, 0), "empty"),
    "messages.3.content.0.text: odd": ("any", None, (3, 0), "refused the question"),
    "Something nobody has ever read": ("any", None, None, "refused the question"),
}


@pytest.mark.parametrize("said", SAID)
def test_a_sentence_of_the_api_becomes_a_cause_and_words_of_ours(said):
    cause, most, place, words = SAID[said]
    refusal = refusal_of(said)
    assert refusal is not None
    assert (refusal.cause, refusal.most, refusal.place) == (cause, most, place)
    assert words in refusal.reason
    assert "messages." not in refusal.reason
    assert "{" not in refusal.reason


@pytest.mark.parametrize("name", ["max_tokens", "system", "output_config", "tools", "model"])
def test_what_names_a_setting_of_ours_has_nothing_to_do_with_files(name):
    said = f"{name}: odd value"
    assert (refusal_of(said), setting_of(said)) == (None, name)


def test_messages_are_no_setting():
    assert setting_of("messages.0: odd") is None
    assert refusal_of("messages.0: odd") == Refusal("any", "Claude refused the question with it")
