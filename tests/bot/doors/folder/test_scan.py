from bot.doors.folder.ignored import IgnoreTable
from bot.doors.folder.scan import scan


def test_a_scan_lists_files_and_links_and_looks_into_no_junk(tmp_path):
    for name in ("a.txt", "sub/b.txt", ".git/c", "answers/d", "sub/x.part", "state/e"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "loop").symlink_to(tmp_path)
    listing = scan(str(tmp_path), IgnoreTable(own=["state"]))
    assert (sorted(listing.files), sorted(listing.links)) == (["a.txt", "sub/b.txt"], ["loop"])
