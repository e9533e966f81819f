"""What is ignored in a watched folder: what other programs leave is, what people drop is not."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.doors.folder.ignored import BY_SETTING, OURS, IgnoreTable, Patterns
from bot.doors.folder.leftovers import LEFTOVERS

TABLE = IgnoreTable()

LEFT = {
    "a browser's download": ["a.crdownload", "Unconfirmed 7.crdownload", "r.pdf.PART", "a.partial", "a.opdownload",
                             "a.pdf.download/a.pdf", "notes.txt.crswap"],
    "a download manager, torrent client or file transfer": ["f.pdf.!qB", "f.!ut", "f.aria2", "x.filepart", "v.ytdl"],
    "a synchroniser": ["a.sync-conflict-20260101-1.txt", ".syncthing.a.pdf.tmp", "~syncthing~a.pdf.tmp", "a.pdf.!sync",
                       ".stversions/a.txt", "._sync_1a2b.db", "._sync_1a2b.db-wal", ".dropbox.cache/x", ".~tmp~/a.pdf"],
    "a placeholder, whose file is not on this disk": [".report.pdf.icloud", "report.pdf.nextcloud"],
    "a shortcut": ["Site.url", "Site.webloc", "Report.pdf - Shortcut.lnk", "app.desktop", "Plan.gsheet", "Plan.gdoc"],
    "a recycle bin": ["#recycle/a.pdf", "@Recycle/a.pdf", "$RECYCLE.BIN/S-1-5-21/$RABC.pdf", ".Trash-1000/files/a.pdf",
                      "sub/#recycle/deep/a.pdf", "Network Trash Folder/a", "RECYCLER/S-1-5-21-1/Dc1.pdf", ".Trashes/a"],
    "a storage system's snapshots": ["@Recently-Snapshot/a.pdf", "#snapshot/a.pdf", ".snapshot/hourly.0/a.pdf"],
    "Windows": ["Thumbs.db", "Thumbs.db:encryptable", "desktop.ini", "a.pdf:Zone.Identifier",
                "a.pdf\uf03aZone.Identifier",
                "a.pdf\uf022Zone.Identifier", "a.pdf\u00f7Zone.Identifier", "a.pdf:Zone.Identifier:$DATA",
                "System Volume Information/x", "found.000/FILE0000.CHK"],
    "macOS": [".DS_Store", "._a.txt", "Icon\r", "Icon\uf00d", "__MACOSX/a.txt", ".Spotlight-V100/x", ".fseventsd/0",
              ".TemporaryItems/f", "a.docx.sb-6be2a2b1-gBvmqp/a.docx", "a.docx.sb-6be2a2b1-gBvmqp", "a.pdf:AFP_AfpInfo",
              "(A Document Being Saved By Preview 2)/a.pdf"],
    "Linux": [".nfs000000000012345600000001", "lost+found/#1234", ".fuse_hidden0001"],
    "a storage system (Synology, QNAP, Asustor)": ["sub/@eaDir/a.txt", ".@__thumb/a.jpg", "a.jpg@SynoEAStream"],
    "an office program": ["~$report.docx", "~WRL0003.tmp", ".~lock.a.odt#", "plan.dwl", "base.laccdb"],
    "an editor": ["a.txt~", ".a.swp", "4913", "#notes#", ".#notes", "a.txt___jb_tmp___", "a___jb_old___",
                  ".goutputstream-AB12CD"],
    "a program's working file": ["a.TMP", "a.temp", "a.lock", "a.bak", "~x123.tmp"],
    "hidden": [".hidden", ".git/config", ".report.pdf.x7Gh2K"],
    OURS: ["answers/a.pdf.answer.md", "answers/sub/x.pdf", "Answers/x.txt", "a.pdf.answer.md", "a.pdf.error.md",
           "a.pdf.answer.2026-11-23-1403.md"],
}  # fmt: skip


@pytest.mark.parametrize(("why", "name"), [(why, name) for why, names in LEFT.items() for name in names])
def test_what_a_program_leaves_is_ignored_and_the_program_named(why, name):
    assert TABLE.path(name) == why


@pytest.mark.parametrize("name", [
    "a.pdf", "sub/answers/a.txt", "answer.md", "party.txt", "a.locks", "tmp/a", "x.xyz", "Recycle plan.docx",
    "part 2.pdf", "book.part1.rar", "my.part.pdf", "recycle/a.pdf", "Recycler GmbH/offer.pdf", "trash/a.pdf", "C#.docx",
    "#1 priority.docx", "# notes #1.md", "$Revenue.xlsx", "~budget.xlsx", "snapshot/a.pdf", "Snapshot 2026.pdf", "Icon",
    "4913.pdf", "14913", "desktop.pdf", "url", "url.txt", "Zone.pdf", "5÷2.pdf", "10:30 meeting.txt", "download/a.pdf",
    "downloads.pdf", "link.md", "windows/report.docx", "lost and found.docx", "found.pdf", "a.sb.docx", "thumbs.pdf",
    "temporary.pdf", "@home.txt", "@team/a.pdf", "lookup.txt", "partial.pdf", "synced.pdf", "swap.txt", "lock.pdf",
    "backup.zip", "S-1.pdf", "mac os.pdf", "Ünïcode \u00f7 half.pdf", "caf\udce9.txt", "a.td", "new folder/a",
])  # fmt: skip
def test_what_people_drop_is_not(name):
    assert TABLE.path(name) == ""


@pytest.mark.parametrize("name", [name for why, names in LEFT.items() if why != OURS for name in names])
def test_case_makes_no_difference(name):
    assert TABLE.path(name.upper())
    assert TABLE.path(name.lower())


def test_every_pattern_is_in_lower_case_and_stands_once():
    for kind in ("files", "folders"):
        patterns = [pattern for leftover in LEFTOVERS for pattern in getattr(leftover, kind)]
        assert patterns == [pattern.lower() for pattern in patterns]
        assert len(patterns) == len(set(patterns))


@pytest.mark.parametrize(("pattern", "name"), [
    ("*.log", "a.LOG"), ("*.log", "x/y/a.log"), ("Entwürfe", "Entwu\u0308rfe/a.pdf"), ("drafts/", "x/Drafts/a.pdf"),
    ("/private/*.pdf", "private/a.pdf"), ("private/*.pdf", "Private/sub/a.pdf"), ("**/old", "x/old/a.pdf"),
    ("draft?.pdf", "draft1.pdf"), ("[ab].pdf", "B.pdf"), ("private/", "private/a"), ("/a/b/", "a/b/c.pdf"),
])  # fmt: skip
def test_the_owners_patterns_are_added(pattern, name):
    table = IgnoreTable([pattern])
    assert table.path(name) == BY_SETTING
    assert table.path("report.pdf") == ""
    assert table.path("a.tmp")


@pytest.mark.parametrize(("pattern", "name"), [
    ("*.log", "log/a.pdf"), ("drafts/", "drafts"), ("private/*.pdf", "x/private/a.pdf"),
    ("private/*.pdf", "private/a.txt"),
    ("/", "a.pdf"), ("", "a.pdf"), ("/a/b/", "x/a/b/c.pdf"),
])  # fmt: skip
def test_the_owners_patterns_match_no_more_than_they_say(pattern, name):
    assert IgnoreTable([pattern]).path(name) == ""


def test_what_bellhop_writes_itself_is_its_own():
    table = IgnoreTable(own=["sub/state", "bot.db"])
    assert [table.path(name) for name in ("sub/state/files/x", "bot.db", "sub/state.pdf")] == [OURS, OURS, ""]


@given(st.text(), st.lists(st.text(max_size=9), max_size=3))
def test_no_name_and_no_pattern_is_too_odd(name, patterns):
    assert isinstance(IgnoreTable(patterns).path(name), str)


ODD = st.text(alphabet="ab*?[]!-.", max_size=6)


@given(st.lists(ODD.filter(bool), max_size=3), ODD)
def test_patterns_match_as_a_shell_does(patterns, name):
    assert Patterns(patterns).match(name) == any(fnmatchcase(name, pattern) for pattern in patterns)
