from datetime import UTC, datetime

from bot.doors.mail.responses import Fetched, Folder, read_fetch, read_folders, read_search, special_folder


def test_items_may_stand_before_and_behind_the_literal():
    before = (b'1 (UID 7 FLAGS (\\Seen) INTERNALDATE " 4-Mar-2026 05:06:07 +0000" BODY[] {2}', b"hi")
    behind = (b"2 (BODY[] {5}", b"UID 9")
    first, second = read_fetch([before, b")", behind, b" UID 8 RFC822.SIZE 5)"])
    at = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    assert first == Fetched(7, None, ("\\Seen",), at, b"hi")
    assert second == Fetched(8, 5, (), None, b"UID 9")


def test_answers_without_a_literal_stand_between_those_with_one():
    found = read_fetch([b"3 (UID 3 FLAGS (\\Seen))", (b"4 (UID 4 BODY[] {1}", b"x"), b")", b'5 (UID 5 BODY[] "a\\"b")'])
    assert [(each.uid, each.content) for each in found] == [(3, None), (4, b"x"), (5, b'a"b')]


def test_an_empty_body_is_no_body_that_did_not_come():
    assert read_fetch([b"1 (UID 1 BODY[] NIL)"])[0].content == b""
    assert read_fetch([None]) == []
    assert read_fetch([b"9 (FLAGS ())"]) == []


def test_numbers_of_a_search_come_ascending_from_however_many_lines():
    assert read_search([b"3 1", None, b"", b"2"]) == [1, 2, 3]


def test_folders_are_read_with_their_special_use():
    lines = [
        rb'(\HasNoChildren \Drafts) "/" "[Gmail]/Entw&APw-rfe"',
        rb'(\Sent) "." Sent',
        (rb"() NIL {6}", b'a b"c"'),
        None,
    ]
    assert read_folders(lines) == [
        Folder("[Gmail]/Entwürfe", frozenset({r"\hasnochildren", r"\drafts"})),
        Folder("Sent", frozenset({r"\sent"})),
        Folder('a b"c"', frozenset()),
    ]


def test_drafts_are_found_by_use_before_they_are_found_by_name():
    told, named = Folder("Kladde", frozenset({r"\drafts"})), Folder("INBOX/Entwürfe", frozenset())
    assert special_folder([named, told], r"\drafts") == "Kladde"
    assert special_folder([named], r"\drafts") == "INBOX/Entwürfe"
    assert special_folder([named], r"\sent") is None
