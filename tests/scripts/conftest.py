"""Puts the folder of the scripts where their imports find it, before a test imports one."""

import programs  # noqa: F401
