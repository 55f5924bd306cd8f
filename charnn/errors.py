"""The one exception that a user's input can cause.

It knows nothing of where the input came from. The commands print its message
as `charnn: error: <what is wrong, with the value>; <what to do>` and exit with 2.
"""


class CharnnError(ValueError):
    """An error that the user can fix: a file, a name, a value. The message says what and how."""
