"""The tests of how a root is doing: what the log hears once, and what counts as closed."""

from triggers.folder.root_status import NOT_YET, RootStatus


def test_a_root_nobody_looked_at_is_closed_and_no_news():
    status = RootStatus("/in")
    assert status.is_closed
    assert status.faults() == [NOT_YET]
    assert status.news() == ([], [])


def test_a_fault_is_told_once_and_so_is_its_end():
    status = RootStatus("/in", missing="/in is missing.")
    assert status.news() == (["/in is missing."], [])
    assert status.news() == ([], [])
    status.missing, status.unwritable = "", "no answers"
    assert status.news() == (["no answers"], ["/in is missing."])
    assert status.is_closed
    status.unwritable = ""
    assert status.news() == ([], ["no answers"])
    assert not status.is_closed


def test_files_and_sub_folders_that_may_not_be_read_are_named_and_keep_no_door_shut():
    status = RootStatus("/in", missing="", denied={"b.txt", "a.txt", "c.txt", "d.txt"}, unreadable={"sub"})
    came, _ = status.news()
    assert any("files a.txt, b.txt, c.txt and 1 more" in words for words in came)
    assert any("the sub-folder sub." in words for words in came)
    assert status.faults() == []
    assert status.words(0).endswith("sub-folders that may not be read: 1, files that may not be read: 4")


def test_of_files_that_may_not_be_read_only_the_new_and_the_mended_ones_are_told():
    status = RootStatus("/in", missing="", denied={"a.txt"})
    assert len(status.news()[0]) == 1
    status.denied.add("b.txt")
    ((came,), went) = status.news()
    assert "the file b.txt." in came
    assert went == []
    status.denied.discard("a.txt")
    (nothing, (mended,)) = status.news()
    assert nothing == []
    assert "the file a.txt." in mended
