"""What ends a command early: an input that the user can fix, and a signal.

It knows nothing of where the input came from. The commands print the message of a CharnnError
as `charnn: error: <what is wrong, with the value>; <what to do>` and exit with 2.
"""

import signal


class CharnnError(ValueError):
    """An error that the user can fix: a file, a name, a value. The message says what and how."""


class Ended(BaseException):
    """Somebody ended the program by a signal: for SIGTERM what KeyboardInterrupt is for Ctrl-C.

    It goes through the whole stack, so that what is half done is cleaned up. `signal` says which.
    """

    def __init__(self, number: int):
        super().__init__(number)
        self.signal = signal.Signals(number)
