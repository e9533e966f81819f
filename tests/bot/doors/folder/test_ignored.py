import pytest

from bot.doors.folder.ignored import is_ignored


@pytest.mark.parametrize(
    "name",
    [
        ".hidden", "~$report.docx", "a.txt~", "a.TMP", "a.part", "a.crdownload", "x.filepart", ".a.swp", "a.lock",
        ".~lock.a.odt#", "Thumbs.db", "desktop.ini", "Icon\r", "a.sync-conflict-20260101-1.txt", "._a.txt", "a.bak",
        ".git/config", "sub/@eaDir/a.txt", "__MACOSX/a.txt", ".stversions/a.txt", "answers/a.pdf.answer.md",
        "answers/sub/x.pdf", "Answers/x.txt", "a.pdf.answer.md", "a.pdf.error.md", "a.pdf.answer.2026-11-23-1403.md",
    ],
)  # fmt: skip
def test_junk_and_our_own_answers_are_ignored(name):
    assert is_ignored(name)


@pytest.mark.parametrize("name", ["a.pdf", "sub/answers/a.txt", "answer.md", "party.txt", "a.locks", "tmp/a", "x.xyz"])
def test_everything_else_is_a_question(name):
    assert not is_ignored(name)
