"""Documents whose text is known are read as a person sees them: ours, and those of a folder that is named."""

import os
from pathlib import Path

import pytest

from tests.handlers.documents.kept import DOCUMENTS
from tests.handlers.documents.rig import Kept, faults, folder_of

OTHERS = os.environ.get("DOCUMENTS_FOLDER")


@pytest.mark.parametrize("kept", DOCUMENTS, ids=lambda kept: kept.name)
def test_what_a_person_sees_is_what_is_read(tmp_path, kept):
    assert faults(kept, tmp_path) == []


def test_no_two_documents_have_one_name():
    assert len({kept.name for kept in DOCUMENTS}) == len(DOCUMENTS)


def test_a_folder_of_documents_is_judged_by_the_expectations_beside_them(tmp_path):
    (tmp_path / "a.txt").write_text("seen")
    (tmp_path / "a.txt.expected").write_text("a remark\n+ seen\n- hidden\n")
    (tmp_path / "b.html").write_text("<p>seen<p>and this")
    (tmp_path / "b.html.expected").write_text("+ missing\n- seen\n! a note\n")
    (tmp_path / "c.txt").write_text("nothing is expected of it")
    good, bad = folder_of(tmp_path)
    assert faults(good, tmp_path) == []
    assert [fault.partition(":")[0] for fault in faults(bad, tmp_path)] == [
        "is missing",
        "should not be there",
        "is not told",
    ]


if OTHERS:  # a folder is named

    def test_documents_of_others_are_read_as_expected(tmp_path):
        documents: list[Kept] = list(folder_of(Path(str(OTHERS))))
        assert documents
        assert {kept.name: found for kept in documents if (found := faults(kept, tmp_path))} == {}
