"""Machines are told from people: no automatic mail is answered, and every mail of a person is."""

import pytest

from tests.triggers.mail.kept import MACHINES, PEOPLE, POLICY
from triggers.mail.deciding import MACHINE, decide
from triggers.mail.reading import read_mail


@pytest.mark.parametrize("kind", MACHINES)
def test_an_automatic_mail_is_left_alone_and_the_reason_is_said(kind):
    decision = decide(read_mail(MACHINES[kind]), POLICY)
    assert decision.code == MACHINE
    assert decision.why.startswith("skipped: ")
    assert decision.why.endswith(".")


@pytest.mark.parametrize("kind", PEOPLE)
def test_a_mail_of_a_person_is_answered(kind):
    assert decide(read_mail(PEOPLE[kind]), POLICY).is_answered


def test_there_are_forty_kinds_of_machines_and_sixty_of_people():
    assert len(MACHINES) >= 40
    assert len(PEOPLE) >= 60
