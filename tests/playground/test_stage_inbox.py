"""The demo's folder keeps what people dropped and nothing else."""

from playground.stage.inbox import SAMPLES, Inbox, safe_name


def drop_samples(inbox):
    for name in SAMPLES:
        inbox.drop_sample(name)


def test_the_folder_is_gone_when_only_samples_and_their_answers_were_in_it(tmp_path):
    inbox = Inbox(tmp_path / "inbox")
    drop_samples(inbox)
    (inbox.path / "answers").mkdir()
    (inbox.path / "answers" / "sample-invoice.pdf.answer.md").write_text("<!-- x -->\nhello")
    inbox.tidy()
    assert list(tmp_path.iterdir()) == []


def test_what_a_person_dropped_stays_with_its_answer(tmp_path):
    inbox = Inbox(tmp_path / "inbox")
    drop_samples(inbox)
    inbox.drop("mine.txt", b"mine")
    (inbox.path / "answers").mkdir()
    (inbox.path / "answers" / "mine.txt.answer.md").write_text("answered")
    inbox.tidy()
    left = sorted(str(path.relative_to(inbox.path)) for path in inbox.path.rglob("*"))
    assert left == ["answers", "answers/mine.txt.answer.md", "mine.txt"]


def test_a_folder_that_was_there_before_stays(tmp_path):
    (tmp_path / "inbox").mkdir()
    inbox = Inbox(tmp_path / "inbox")
    drop_samples(inbox)
    inbox.tidy()
    assert list(inbox.path.iterdir()) == []


def test_a_sample_that_a_person_wrote_over_is_theirs(tmp_path):
    inbox = Inbox(tmp_path / "inbox")
    drop_samples(inbox)
    (inbox.path / "sample-notes.docx").write_bytes(b"changed")
    inbox.tidy()
    assert [path.name for path in inbox.path.iterdir()] == ["sample-notes.docx"]


def test_a_persons_file_with_the_name_of_a_sample_is_not_replaced(tmp_path):
    inbox = Inbox(tmp_path / "inbox")
    inbox.drop("sample-invoice.pdf", b"mine")
    inbox.drop_sample("sample-invoice.pdf")
    assert (inbox.path / "sample-invoice.pdf").read_bytes() == b"mine"


def test_a_files_answer_and_failure_are_told_apart(tmp_path):
    inbox = Inbox(tmp_path / "inbox")
    for name in ("good.txt", "bad.txt", "new.txt"):
        inbox.drop(name, b"x")
    (inbox.path / "answers").mkdir()
    (inbox.path / "answers" / "good.txt.answer.md").write_text("yes")
    (inbox.path / "answers" / "bad.txt.error.md").write_text("no")
    found = {file.name: (file.answer, file.failed) for file in inbox.files()}
    assert found == {"good.txt": ("yes", False), "bad.txt": ("no", True), "new.txt": (None, False)}


def test_a_name_never_leads_out_of_the_folder():
    assert safe_name("../../etc/passwd") == "passwd"
    assert safe_name("..\\..\\boot.ini") == "boot.ini"
    assert safe_name(".env") == "env"
    assert safe_name("..") == "file"
    assert safe_name("a\nb.txt") == "a_b.txt"


def test_a_sample_that_is_there_already_is_dropped_once_more_under_a_free_name(tmp_path):
    inbox = Inbox(tmp_path / "inbox")
    for _ in range(3):
        inbox.drop_sample("sample-invoice.pdf")
    names = {path.name for path in inbox.path.iterdir()}
    assert names == {"sample-invoice.pdf", "sample-invoice-2.pdf", "sample-invoice-3.pdf"}
    inbox.tidy()
    assert not inbox.path.exists()
