"""The leash: it runs a module as `python -m` does, and ends it when whoever started it is gone.

`python -m playground.leash FOLDER MODULE ARGUMENT…`, in a session of its own, with a pipe as stdin whose other end only
the starter holds. That end closes with the starter, however it dies, and the module need not know of it.
"""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
import threading

UNDERTAKER = """\
import os, shutil, signal, sys, time
os.killpg(int(sys.argv[1]), signal.SIGKILL)
time.sleep(0.2)
shutil.rmtree(sys.argv[2], ignore_errors=True)
"""
"""Outlives the module and all that it started, so that nothing is written any more when the folder goes."""


def main() -> None:
    """Run the module until it ends, or until stdin does; then it is killed, and FOLDER, its work, is removed."""
    folder, module = sys.argv[1:3]
    if os.getpgrp() != os.getpid():
        sys.exit("A leash needs a session of its own: it kills its process group.")
    threading.Thread(target=_end_with_starter, args=(folder,), name="leash", daemon=True).start()
    sys.argv = [module, *sys.argv[3:]]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _end_with_starter(folder: str) -> None:
    while os.read(0, 1024):
        pass
    subprocess.Popen([sys.executable, "-c", UNDERTAKER, str(os.getpgrp()), folder], start_new_session=True)  # noqa: S603  # words of our own


if __name__ == "__main__":
    main()
