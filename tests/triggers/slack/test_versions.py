"""Which versions of a question an edit replaces."""

import pytest

from triggers.slack.versions import replaced_by, version_of


@pytest.mark.parametrize(
    ("event_id", "version"),
    [("q", 0.0), ("q:105.000000", 105.0), ("q:ask:106.1", None), ("q2", None), ("other", None)],
)
def test_the_versions_of_a_question_are_known_by_their_ids(event_id, version):
    assert version_of(event_id, "q") == version


@pytest.mark.parametrize(
    ("states", "replaced"),
    [
        ({}, []),
        ({"other": "working"}, []),
        ({"q": "working"}, ["q"]),
        ({"q": "answered"}, None),
        ({"q": "answered", "q:104.0": "received"}, ["q:104.0"]),
        ({"q": "answered", "q:104.0": "answered"}, None),
        ({"q": "working", "q:106.0": "received"}, None),
        ({"q": "working", "q:105.0": "received"}, ["q"]),
        ({"q:105.0": "received"}, []),
        ({"q:ask:1.0": "answered"}, []),
    ],
)
def test_an_edit_replaces_what_is_open_and_older(states, replaced):
    assert replaced_by("q:105.0", "q", states) == replaced
