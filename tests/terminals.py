"""A command of charnn at a pseudo-terminal, and somebody who types there."""

import os
import select
import subprocess
import sys
import time

from helpers import ROOT

WAIT = 60  # seconds for an answer, on a machine that has much else to do
CTRL_C, CTRL_D = "\x03", "\x04"


class Session:
    """A command that runs at a terminal, what its screen has shown, and what is typed there."""

    def __init__(self, *arguments, redirection=""):
        self.screen, terminal = os.openpty()
        self.seen = ""
        line = f'exec "$0" -m charnn "$@" {redirection}'
        self.program = subprocess.Popen(
            ["/bin/sh", "-c", line, sys.executable, *map(str, arguments)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "TERM": "dumb"},
            preexec_fn=lambda: os.login_tty(terminal),
        )
        os.close(terminal)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.program.kill()
        self.program.wait()

    def types(self, keys, until):
        """What the screen shows from now on, when `until` is there."""
        os.write(self.screen, keys.encode())
        before, deadline = len(self.seen), time.monotonic() + WAIT
        while until not in self.seen[before:]:
            assert self.shows_more(deadline), f"the screen ended with {self.seen}"
        return self.seen[before:]

    def shows_more(self, deadline):
        """Waits for what comes next on the screen; False once the command has left it."""
        left = max(0.0, deadline - time.monotonic())
        assert select.select([self.screen], [], [], left)[0], self.seen
        try:
            part = os.read(self.screen, 4096)
        except OSError:  # on Linux the end of a terminal that nobody writes to any more
            part = b""
        self.seen += part.decode(errors="replace").replace("\r", "")
        return bool(part)

    def ends(self, keys):
        """The exit code after these keys, and what the screen shows from then on."""
        for key in keys:
            # A moment after the prompt and after each other, as people type: a Ctrl-C that comes
            # while Python does not wait for a key is seen with the next key only.
            time.sleep(0.3)
            os.write(self.screen, key.encode())
        before, deadline = len(self.seen), time.monotonic() + WAIT
        while self.shows_more(deadline):
            pass
        os.close(self.screen)
        return self.program.wait(WAIT), self.seen[before:]
