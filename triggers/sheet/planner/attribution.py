"""The evidence: whose content each row shows and what is missing, by one read and what was. Pure.

A write names its row by number, and people move rows between the read and the write. What a write hit by mistake is
told here by what the row shows now, by what was written lately, and by what people had put beside the same question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence, Set
from dataclasses import dataclass, field

from bot.doors.sheet.columns import Wanted
from bot.doors.sheet.row_store import Record, StoredAnswer
from bot.doors.sheet.rows import Content, Row
from bot.doors.sheet.values import NoSuchColumn, cell_values, looks_like
from triggers.sheet.planner.jobs import Before
from triggers.sheet.planner.matching import Matches, match_rows, people_put


@dataclass(frozen=True, slots=True)
class Known:
    """What is known besides the read: records of this tab by token, stored answers, what stood there before.

    `hits`: by token, the question that stood in the row which its last write hit by mistake. `questions`: those that
    the read before the last write showed (none when that was another process). `waits`: by token, what its row waits
    for, in words.
    """

    records: Mapping[str, Record]
    answers: Mapping[str, StoredAnswer]
    before: Before
    hits: Mapping[str, str] = field(default_factory=dict)
    questions: frozenset[str] = frozenset()
    waits: Mapping[str, str] = field(default_factory=dict)


class Attribution:
    """Lives for one plan; what is given back is taken out, so that it is given once.

    `bound` says which row each token names. `orphans` are records without a row, by question (fingerprint).
    """

    def __init__(self, wanted: Wanted, rows: Sequence[Row], known: Known) -> None:
        self._wanted, self._rows, self._known = wanted, rows, known
        self.matches: Matches = match_rows(rows, known.records, known.answers)
        self._suspects = self._suspect_answers()
        self._reworded = _reworded(rows, known.questions)
        self._put = people_put(rows, self.matches, known.records, self._is_anothers)
        self._foreign = self._by_question()
        self._missing = {
            fingerprint: left
            for fingerprint, before in known.before.words.items()
            if (left := before - self._foreign.get(fingerprint, Counter()))
        }
        self.orphans: dict[str, list[Record]] = {}
        for record in known.records.values():
            if record.token not in self.matches.homes:
                self.orphans.setdefault(record.fingerprint, []).append(record)
        self._kept: dict[str, Counter[Content]] = {}
        self._copied: Counter[str] = Counter()

    def values(self, answer: StoredAnswer) -> tuple[object, ...] | None:
        """The answer's cells; None when the tab's columns changed since it was asked."""
        try:
            return cell_values(answer, self._wanted.outputs, self._wanted.kinds)
        except NoSuchColumn:
            return None

    def shows(self, row: Row, answer: StoredAnswer) -> bool:
        """Whether the row shows this answer, or none."""
        values = self.values(answer)
        return row.is_unanswered or (values is not None and looks_like(values, row.outputs))

    def may_write_over(self, row: Row) -> bool:
        """Whether the row's outputs are empty, or hold what a write of ours may have left in the wrong place."""
        return row.is_unanswered or self._is_ours(row)

    def is_leftover(self, row: Row) -> bool:
        """Whether the row is to be cleared of what was meant for another question."""
        return not row.is_unanswered and self._is_anothers(row) and self.may_wipe(row)

    def may_wipe(self, row: Row) -> bool:
        """Whether nothing is lost without it: an answer of ours, or people's words that stand in their own row too."""
        at_home = {other.fingerprint for other in self._rows if other.outputs == row.outputs and other is not row}
        return self._is_ours(row) and bool(self._answered_so(row) or self._given_so(row) & at_home)

    def wrongly_filled(self) -> set[str]:
        """The questions of rows that show something which is not theirs."""
        return {row.fingerprint for row in self._rows if self._is_anothers(row)}

    def has_missing(self, row: Row) -> bool:
        """Whether people's words are missing among the rows with this question."""
        return bool(self._missing.get(row.fingerprint))

    def take_missing(self, row: Row) -> Content | None:
        """People's words that belong beside this question and that this row may take."""
        may_write = self.may_write_over(row)
        missing = self._missing.get(row.fingerprint, Counter())
        # A row that shows these words can lack nothing but their status; what it is counted with, another one lacks.
        mine = self._put.get(id(row))
        fitting = [one for one in missing if may_write or (one != mine and one[1] and one[0] == row.outputs)]
        if not fitting:
            return None
        return self._take(row, row.fingerprint, max(fitting, key=lambda one: (one[0] == row.outputs, one)))

    def take_copied(self, row: Row) -> Content | None:
        """For a row that was hit and copied since: its copy shows what it had, so that nothing seems to be missing."""
        words = self._known.before.words.get(row.fingerprint)
        before = self._known.before.rows.get(row.fingerprint, 0)
        now = sum(other.fingerprint == row.fingerprint for other in self._rows)
        copied = now - before - self._copied[row.fingerprint]
        if not words or not before or copied < 1 or row.is_unanswered or not self.may_write_over(row):
            return None
        self._copied[row.fingerprint] += 1
        return self._take(row, row.fingerprint, max(words))

    def take_reworded(self, row: Row, token: str = "") -> Content | None:
        """For a row that was reworded since a write hit it, or just before: what stood beside its old question."""
        before = self._known.hits.get(token, row.fingerprint)
        if not self._missing.get(before) or any(other.fingerprint == before for other in self._rows):
            before = self._reworded.get(row.fingerprint, "")
        missing = self._missing.get(before)
        return self._take(row, before, max(missing)) if missing and self.may_write_over(row) else None

    def take_from_twin(self, twin: Row) -> Content | None:
        """What a row lacks that was hit although another with the same question was meant."""
        missing = self._missing.get(twin.fingerprint, Counter())
        if not missing - Counter([(twin.outputs, twin.status)]):
            return None
        return self._take(twin, twin.fingerprint, max(missing))

    def _take(self, row: Row, before: str, content: Content) -> Content:
        self._missing[before] = self._missing.get(before, Counter()) - Counter([content])
        self._kept.setdefault(row.fingerprint, Counter())[content] += 1
        return content

    def take_ended(self, row: Row) -> Record | None:
        """A record with this question that ended and that no row bears any more: the one that the row shows, if any."""
        found = [one for one in self.orphans.get(row.fingerprint, ()) if _has_ended(one)]
        if not self.may_write_over(row):
            found = [one for one in found if one.shown == row.outputs]
        return self._without(max(found, key=lambda one: one.shown == row.outputs, default=None))

    def take_live(self, row: Row) -> Record | None:
        """A record with this question whose answer is still to come and that no row bears."""
        found = (one for one in self.orphans.get(row.fingerprint, ()) if one.is_live)
        return self._without(next(found, None))

    def _without(self, orphan: Record | None) -> Record | None:
        if orphan is not None:
            self.orphans[orphan.fingerprint].remove(orphan)
        return orphan

    def foreign(self) -> dict[str, Counter[Content]]:
        """People's words by question, those that are being given back among them."""
        found = {fingerprint: Counter(contents) for fingerprint, contents in self._foreign.items()}
        for fingerprint, kept in self._kept.items():
            found[fingerprint] = found.get(fingerprint, Counter()) + kept
        return found

    def count(self, fingerprints: Container[str]) -> Counter[str]:
        """In how many rows each of these questions stands."""
        return Counter(row.fingerprint for row in self._rows if row.fingerprint in fingerprints)

    def _by_question(self) -> dict[str, Counter[Content]]:
        found: dict[str, Counter[Content]] = {}
        for row in self._rows:
            if id(row) in self._put:
                found.setdefault(row.fingerprint, Counter())[self._put[id(row)]] += 1
        return found

    def _is_ours(self, row: Row) -> bool:
        theirs = {outputs for outputs, _ in self._known.before.words.get(row.fingerprint, ())}
        if row.is_unanswered or row.outputs in theirs or row.fingerprint in self._given_so(row):
            return False
        return bool(self._answered_so(row) or self._given_so(row))

    def _is_anothers(self, row: Row) -> bool:
        """As `_is_ours`, and it was meant for another question than the row's, nor for the one that it was before."""
        questions = {row.fingerprint, self._reworded.get(row.fingerprint, "")}
        return self._is_ours(row) and not questions & (self._answered_so(row) | self._given_so(row))

    def _answered_so(self, row: Row) -> set[str]:
        """The questions whose answer looks like this row's outputs and was written lately, who knows where."""
        return {fingerprint for fingerprint, values in self._suspects if looks_like(values, row.outputs)}

    def _given_so(self, row: Row) -> set[str]:
        """The questions beside which people's words like this row's outputs were put back lately."""
        return {given.fingerprint for given in self._known.before.given if given.outputs == row.outputs}

    def _suspect_answers(self) -> list[tuple[str, tuple[object, ...]]]:
        found: list[tuple[str, tuple[object, ...]]] = []
        for record in self._known.records.values():
            answer = self._known.answers.get(record.token) if record.suspect_until else None
            values = self.values(answer) if answer is not None and not answer.reason else None
            if values is not None:
                found.append((record.fingerprint, values))
        return found


def _reworded(rows: Sequence[Row], questions: Set[str]) -> dict[str, str]:
    """By its new question, the row that was reworded since the last write; known where one vanished and one came up."""
    now = {row.fingerprint for row in rows if row.is_complete}
    new, vanished = now - questions, questions - now
    return {min(new): min(vanished)} if len(new) == len(vanished) == 1 else {}


def _has_ended(record: Record) -> bool:
    return not record.is_live and record.state != "gone" and bool(record.status)
