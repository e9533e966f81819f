"""The report of a folder: a table that a spreadsheet reads, with nothing in it that it would calculate."""

import csv
import io

from handlers.batch.report import Line, as_csv, as_markdown

LINES = [
    Line("a.pdf", "answered", 1200, 0.0031, "Line one\nline two", values={"Total": -3.5, "Note": "=1+1"}),
    Line("=cmd.txt", "failed", reason="The file | is locked."),
]


def test_every_document_is_a_row_with_the_rules_own_columns():
    first, second = csv.DictReader(io.StringIO(as_csv(LINES, ["Total", "Note"])))
    assert first == {
        "document": "a.pdf", "outcome": "answered", "tokens": "1200", "cost": "0.003100", "Total": "-3.5",
        "Note": "'=1+1", "answer": "Line one\nline two",
    }  # fmt: skip
    assert (second["document"], second["answer"]) == ("'=cmd.txt", "The file | is locked.")


def test_for_people_it_is_one_table_with_the_sums_above():
    text = as_markdown(LINES, ["Total"])
    assert text.startswith("# 2 documents\n\n1 answered, 1 failed; 1,200 tokens, $0.0031.\n\n")
    assert "| `a.pdf` | answered | 1,200 | $0.0031 | -3.5 | Line one line two |" in text
    assert "The file \\| is locked." in text
