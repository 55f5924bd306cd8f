"""Puts the folder of the examples where their imports find it, before a test imports one."""

import programs  # noqa: F401
