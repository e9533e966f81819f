"""The tests of finding the parts of a package as office programs find them."""

import io

import pytest

from bot.errors import Refused
from handlers.documents.limits import Limits
from handlers.documents.parts import Package
from tests.handlers.documents.samples import zip_with

RELS = (
    '<r><Relationship Id="a" Type="x/theme" Target="..\\Theme\\T%201.xml"/>'
    '<Relationship Id="b" Type="x/theme" Target="http://x" TargetMode="External"/></r>'
)


def package(members, limits=Limits()):  # noqa: B008 # frozen
    return Package(io.BytesIO(zip_with(members)), limits)


def test_names_are_found_in_any_case_and_with_any_slash():
    found = package({"Word\\Document.XML": "<a/>"})
    assert found.xml("word/document.xml") is not None
    assert found.xml("/WORD/document.xml") is not None


def test_links_lead_to_parts_and_those_that_lead_out_to_none():
    found = package({"word/_rels/document.xml.rels": RELS, "theme/t 1.xml": "<a/>"})
    assert found.linked("word/document.xml", "theme") == ["theme/t 1.xml"]
    assert found.links("word/document.xml")["b"].external


def test_a_part_that_is_damaged_is_named_and_costs_nothing_else():
    found = package({"a.xml": "<broken", "b.xml": "<b><c/>", "c.xml": "<c/>"})
    assert found.xml("a.xml") is None
    assert [child.tag for child in found.xml("b.xml")] == ["c"]
    assert found.xml("c.xml") is not None
    assert found.remarks() == ["A part of it is damaged; what could not be read of it was left out: a.xml, b.xml."]


@pytest.mark.parametrize("start", ["<!DOCTYPE x>", '<?xml version="1.0" encoding="cp037"?>'])
def test_no_part_may_declare_a_document_type_or_hide_one(start):
    assert package({"a.xml": start + "<a/>"}).xml("a.xml") is None


def test_a_part_that_swells_is_refused():
    with pytest.raises(Refused, match="unpacks to far more"):
        package({"a.xml": "x" * 2000}, Limits(member_bytes=1000)).read("a.xml")
