"""Files: there whole or not at all, and like any other."""

import os
import signal
import stat

import pytest

from charnn.errors import CharnnError, Ended
from charnn.files import remove_leftovers, write, writing


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"old")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(CharnnError, match=r"file cannot be written \(No space left on device\)"):
        write(tmp_path / "file", b"new")
    assert os.listdir(tmp_path) == ["file"]
    assert (tmp_path / "file").read_bytes() == b"old"


def test_a_written_file_has_the_usual_permissions(tmp_path):
    (tmp_path / "usual").touch()
    write(tmp_path / "ours", b"x")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_file_that_cannot_be_removed_hides_no_error(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "unlink", lambda *_: (_ for _ in ()).throw(OSError(1, "not permitted")))
    with pytest.raises(ZeroDivisionError), writing(tmp_path / "file"):
        raise ZeroDivisionError


def test_the_new_name_is_flushed_to_disk_too(tmp_path, monkeypatch):
    synced = []
    sync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda number: (synced.append(os.fstat(number)), sync(number)))
    write(tmp_path / "file", b"x")
    modes = [stat.S_ISDIR(status.st_mode) for status in synced]
    assert modes == [False, True] if os.name == "posix" else [False]


def test_a_folder_that_cannot_be_flushed_is_no_error(tmp_path, monkeypatch):
    sync = os.fsync

    def of_files_only(number):
        if stat.S_ISDIR(os.fstat(number).st_mode):
            raise OSError(22, "Invalid argument")
        sync(number)

    monkeypatch.setattr(os, "fsync", of_files_only)
    write(tmp_path / "file", b"x")
    assert (tmp_path / "file").read_bytes() == b"x"


@pytest.mark.parametrize("name", ["n" * 255, "ü" * 127])
def test_the_longest_name_that_a_file_may_have_is_written(tmp_path, name):
    write(tmp_path / name, b"x")
    assert os.listdir(tmp_path) == [name]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), MemoryError(), Ended(signal.SIGTERM)])
@pytest.mark.parametrize("place", ["open", "replace", "body"])
def test_whatever_ends_a_write_early_leaves_no_file(tmp_path, monkeypatch, error, place):
    """Also a signal that comes at the moment at which the file is made, or is to be renamed."""

    def end(*arguments):
        if place == "open":
            open(*arguments).close()
        raise error

    if place == "open":
        monkeypatch.setattr("charnn.files.open", end, raising=False)
    elif place == "replace":
        monkeypatch.setattr(os, "replace", end)
    with pytest.raises(type(error)), writing(tmp_path / "file"):
        end_if(place == "body", error)
    assert os.listdir(tmp_path) == []


def end_if(now, error):
    """Raises an error if it is to come now."""
    if now:
        raise error


def test_what_a_kill_has_left_is_removed_and_nothing_else(tmp_path):
    path = tmp_path / "model.safetensors"
    others = [".other.safetensors.12", "model.safetensors.12", ".model.safetensors"]
    for name in (".model.safetensors.12ab", "model.safetensors", *others):
        (tmp_path / name).write_bytes(b"x")
    remove_leftovers(tmp_path, [path.name])
    assert sorted(found.name for found in tmp_path.iterdir()) == sorted([path.name, *others])
