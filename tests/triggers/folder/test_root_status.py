"""This file is the tests of how a root is doing: what the log hears once, and what counts as closed."""

from triggers.folder.root_status import NOT_YET, Condition


def test_a_root_nobody_looked_at_is_closed_and_no_news():
    condition = Condition("/in")
    assert condition.is_closed
    assert condition.faults() == [NOT_YET]
    assert condition.news() == ([], [])


def test_a_fault_is_told_once_and_so_is_its_end():
    condition = Condition("/in", missing="/in is missing.")
    assert condition.news() == (["/in is missing."], [])
    assert condition.news() == ([], [])
    condition.missing, condition.unwritable = "", "no answers"
    assert condition.news() == (["no answers"], ["/in is missing."])
    assert condition.is_closed
    condition.unwritable = ""
    assert condition.news() == ([], ["no answers"])
    assert not condition.is_closed


def test_files_and_sub_folders_that_may_not_be_read_are_named_and_keep_no_door_shut():
    condition = Condition("/in", missing="", denied={"b.txt", "a.txt", "c.txt", "d.txt"}, unreadable={"sub"})
    came, _ = condition.news()
    assert any("files a.txt, b.txt, c.txt and 1 more" in words for words in came)
    assert any("the sub-folder sub." in words for words in came)
    assert condition.faults() == []
    assert condition.words(0).endswith("sub-folders that may not be read: 1, files that may not be read: 4")


def test_of_files_that_may_not_be_read_only_the_new_and_the_mended_ones_are_told():
    condition = Condition("/in", missing="", denied={"a.txt"})
    assert len(condition.news()[0]) == 1
    condition.denied.add("b.txt")
    ((came,), went) = condition.news()
    assert "the file b.txt." in came
    assert went == []
    condition.denied.discard("a.txt")
    (nothing, (mended,)) = condition.news()
    assert nothing == []
    assert "the file a.txt." in mended
