"""The tests of uploads and private downloads."""

import urllib.request

from tests.playground.slack.conftest import error_of


def fetch(url, token=None):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=5) as answer:
        return answer.headers.get_content_type(), answer.read()


def test_an_upload_becomes_a_message_with_a_file(slack, web):
    root = slack.say("U0ANNA", "C0HELP", "root")
    answer = web.files_upload_v2(
        filename="answer.md",
        content="# All",
        title="The answer",
        channel="C0HELP",
        thread_ts=root,
        initial_comment="here",
    )
    (message,) = slack.thread("C0HELP", root)
    assert (message.subtype, message.text, message.files[0]["title"]) == ("file_share", "here", "The answer")
    info = web.files_info(file=answer["file"]["id"])["file"]
    assert fetch(info["url_private"], slack.bot_token)[1] == b"# All"


def test_a_file_that_was_never_sent_cannot_be_shared(web):
    answer = web.files_getUploadURLExternal(filename="a.txt", length=3)
    files = [{"id": answer["file_id"], "title": "a"}]
    assert error_of(web.files_completeUploadExternal, files=files, channel_id="C0HELP")[0] == "file_not_found"
    assert error_of(web.files_getUploadURLExternal, filename="a.txt", length=0)[0] == "invalid_arguments"


def test_without_a_token_a_file_is_a_login_page(slack):
    slack.say("U0ANNA", "C0HELP", "look", files={"a b.txt": b"secret"})
    file = slack.messages("C0HELP")[0].files[0]
    assert fetch(file["url_private"])[0] == "text/html"
    slack.change(login="redirect")
    assert b"Sign in" in fetch(file["url_private"])[1]
    assert fetch(file["url_private_download"], slack.bot_token)[1] == b"secret"


def test_a_token_sent_along_to_another_host_is_noticed(slack):
    slack.change(files_elsewhere=True)
    slack.say("U0ANNA", "C0HELP", "look", files={"a.txt": b"secret"})
    url = slack.messages("C0HELP")[0].files[0]["url_private"]
    assert fetch(url, slack.bot_token)[1] == b"secret"
    assert slack.workspace.leaked_tokens == [f"Bearer {slack.bot_token}"]


def test_an_outsiders_file_must_be_looked_up_first(slack, web):
    slack.say("U0OUTSIDER", "C0SHARED", "look", files={"a.txt": b"x"})
    (stub,) = slack.messages("C0SHARED")[0].files
    assert stub["file_access"] == "check_file_info"
    assert web.files_info(file=stub["id"])["file"]["name"] == "a.txt"
