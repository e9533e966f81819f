"""A private Dovecot: one mailbox on a free port of 127.0.0.1, mail delivered by LMTP, all in a folder of its own."""

import contextlib
import grp
import os
import pwd
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import time
from pathlib import Path

USER, PASSWORD = "bot", "secret"
CONFIG = """
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
first_valid_gid = 1
mail_home = {base}/home/%n
mail_location = maildir:~/Maildir
auth_mechanisms = plain login
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%n {base}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/home/%n
}}
namespace inbox {{
  inbox = yes
  mailbox Drafts {{
    special_use = \\Drafts
    auto = create
  }}
  mailbox Sent {{
    special_use = \\Sent
    auto = create
  }}
  mailbox "Größe" {{
    auto = create
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp_port}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


class Dovecot:
    """`start` and `stop` may be called again: the mail stays."""

    def __init__(self, program):
        self.program = program
        self.base = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self.base.chmod(0o755)
        self.imap_port, self.lmtp_port = free_port(), free_port()
        uid, gid = (65534, 65534) if os.getuid() == 0 else (os.getuid(), os.getgid())
        (self.base / "home").mkdir()
        os.chown(self.base / "home", uid, gid)
        (self.base / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
        names = {"user": pwd.getpwuid(uid).pw_name, "group": grp.getgrgid(gid).gr_name, "uid": uid, "gid": gid}
        ports = {"imap_port": self.imap_port, "lmtp_port": self.lmtp_port}
        (self.base / "dovecot.conf").write_text(CONFIG.format(base=self.base, **names, **ports), "utf-8")

    def start(self):
        with (self.base / "start.log").open("w+") as said:  # no pipe: the daemon would keep it open
            command = [self.program, "-c", self.base / "dovecot.conf"]
            done = subprocess.run(command, stdout=said, stderr=said, timeout=60, check=False)
        assert done.returncode == 0, (self.base / "start.log").read_text()
        self._until_it_listens()

    def _until_it_listens(self):
        for _ in range(600):
            try:
                for port in (self.imap_port, self.lmtp_port):
                    socket.create_connection(("127.0.0.1", port), timeout=5).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError((self.base / "dovecot.log").read_text())

    def stop(self):
        """End the server and every session, which would go on for a while by itself."""
        master = int((self.base / "run/master.pid").read_text())
        ours = [master, *(pid for pid, parent in processes() if parent == master)]
        for pid in ours:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        for _ in range(400):
            if not {pid for pid, _ in processes()} & set(ours):
                return
            time.sleep(0.05)

    def close(self):
        self.stop()
        shutil.rmtree(self.base, ignore_errors=True)

    def deliver(self, content):
        with smtplib.LMTP("127.0.0.1", self.lmtp_port, timeout=30) as client:
            client.sendmail("anna@example.com", [USER], content)

    def settings(self):
        return {
            "imap_host": "127.0.0.1",
            "imap_port": self.imap_port,
            "imap_user": USER,
            "imap_password": PASSWORD,
        }


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def processes():
    """Every process that lives, and its parent's id."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent = path.read_text().rpartition(")")[2].split()[:2]
            if state != "Z":
                yield int(path.parent.name), int(parent)
