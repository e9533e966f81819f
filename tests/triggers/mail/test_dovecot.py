import pytest

from bot.doors.mail.imap import Imap
from bot.doors.mail.responses import special_folder
from bot.doors.mail.settings import MailSettings
from tests.needs import needs_dovecot
from tests.triggers.mail.dovecot import Dovecot
from tests.triggers.mail.rig import Rig, mail

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def dovecot():
    server = Dovecot(needs_dovecot())
    server.start()
    yield server
    server.close()


class OnDovecot:
    """What the rig needs of a stand-in."""

    def __init__(self, dovecot):
        self.settings = dovecot.settings


@pytest.fixture
def rig(tmp_path, dovecot):
    rig = Rig(tmp_path, OnDovecot(dovecot))
    yield rig
    rig.database.dispose()


async def test_mail_reaches_us_and_what_lay_there_does_not(rig, dovecot):
    dovecot.deliver(mail(1))
    async with rig.running():
        await rig.open()
        for number in range(10, 20):
            dovecot.deliver(mail(number))
        await rig.until(lambda: len(rig.kept()) == 10)
    assert rig.numbers() == list(range(10, 20))


async def test_a_restart_of_the_server_heals_by_itself(rig, dovecot):
    async with rig.running():
        await rig.open()
        dovecot.stop()
        await rig.until(lambda: not rig.trigger.health().ok)
        dovecot.start()
        dovecot.deliver(mail(30))
        await rig.until(lambda: rig.numbers() == [30], 30.0)


async def test_a_mailbox_made_anew_is_read_on_from_where_we_were(rig, dovecot):
    async with rig.running():
        await rig.open()
        dovecot.deliver(mail(40))
        await rig.until(lambda: len(rig.kept()) == 1)
    dovecot.stop()  # a session that lingers would write its own numbers once more
    for name in ("dovecot-uidlist", "dovecot.index", "dovecot.index.log", "dovecot.index.cache", "dovecot-uidvalidity"):
        for path in (dovecot.base / "home/bot/Maildir").glob(f"{name}*"):
            path.unlink()
    dovecot.start()
    dovecot.deliver(mail(41))
    async with rig.running():
        await rig.until(lambda: rig.numbers() == [40, 41])


def test_folders_of_any_script_and_with_a_special_use_are_found(dovecot):
    imap = Imap(MailSettings(_env_file=None, imap_tls="none", **dovecot.settings()))
    imap.open()
    folders = imap.folders()
    assert special_folder(folders, r"\drafts") == "Drafts"
    assert special_folder(folders, r"\sent") == "Sent"
    assert imap.select("Größe").count == 0
    imap.append("Drafts", mail(50), (r"\Draft",))
    imap.select("Drafts")
    assert imap.with_message_id("<50@example.com>")
    imap.close()
