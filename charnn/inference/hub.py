"""The Hugging Face Hub: addresses of files there, the download, and what can go wrong.

Knows repositories, not what is in a file: what comes from the Hub is read, and checked, as any
other file. Needs huggingface_hub, the extra "hub", and imports it only when the Hub is asked.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from charnn.errors import CharnnError
from charnn.version import __version__
from charnn.wording import quoted, shortened

PREFIX = "hf://"
MODEL = "model.safetensors"
ADDRESS = re.compile(r"hf://([^/@]+/[^/@]+)(?:@(refs/pr/\d+|[^/@]+))?(?:/(.+))?")
TOKEN = "`hf auth login`, the variable HF_TOKEN, or token=..."


class Address(NamedTuple):
    """A file of a repository: of hf://OWNER/NAME, hf://OWNER/NAME@REVISION or .../FILE."""

    text: str  # as it is given, for messages
    repository: str
    revision: str | None = None  # a branch, a tag or a commit; None for the newest
    file: str = MODEL


def address_of(text: str) -> Address:
    """What a text that begins with hf:// says. Raises CharnnError for no such address."""
    found = ADDRESS.fullmatch(text)
    if found is None:
        raise CharnnError(
            f"{quoted(text)} is no address on the Hub; write hf://OWNER/NAME or "
            "hf://OWNER/NAME@REVISION"
        )
    repository, revision, file = found.groups()
    return Address(text, repository, revision, file or MODEL)


def download(address: Address, **options: Any) -> Path:
    """The path of a file of a repository in the Hub's cache, to which it is downloaded if need be.

    The newest one where the Hub can be reached, otherwise what the cache has. `options` are those
    of huggingface_hub's hf_hub_download. Raises CharnnError where there is none to be had.
    """
    check_library(address.text)
    from huggingface_hub import hf_hub_download

    with one_line_for_errors(address):
        return Path(
            hf_hub_download(
                address.repository,
                address.file,
                revision=address.revision,
                library_name="charnn",
                library_version=__version__,
                **options,
            )
        )


# ---------------------------------------------------------------- what can go wrong


def check_library(asked: str) -> None:
    """Raises CharnnError where huggingface_hub is not installed."""
    try:
        import huggingface_hub  # noqa: F401
    except ImportError:
        raise CharnnError(
            f"{quoted(asked)} needs huggingface_hub, which is not installed; "
            "pip install 'charnn[hub]'"
        ) from None


@contextmanager
def one_line_for_errors(address: Address, writing: bool = False) -> Iterator[None]:
    """What huggingface_hub raises, as a CharnnError that says what to do."""
    from huggingface_hub import errors

    http_error = errors.HTTPError  # type: ignore[attr-defined]  # of its HTTP client, whichever
    try:
        yield
    except (
        http_error,
        errors.EntryNotFoundError,
        OSError,
        ValueError,
        RuntimeError,
    ) as error:
        raise CharnnError(f"{address.text}: {_reason(error, address, writing)}") from None


def _reason(error: BaseException, address: Address, writing: bool) -> str:
    """What is wrong, and what to do."""
    from huggingface_hub import errors

    if type(error) in (ValueError, RuntimeError) and error.__cause__ is not None:
        error = error.__cause__  # of a download or upload that is only said to have failed
    message = getattr(error, "server_message", None) or str(error.__cause__ or error)
    said = shortened(message.strip().partition("\n")[0], 200)
    match error:
        case errors.GatedRepoError():
            return (
                "the repository is gated; ask for access on its page on the Hub, then give your "
                f"token: {TOKEN}"
            )
        case errors.RepositoryNotFoundError():
            return (
                "the Hub has no such repository, or it is private; check the name, or give a token "
                f"that may {'write' if writing else 'read'} it: {TOKEN}"
            )
        case errors.RevisionNotFoundError():
            return (
                f"the repository has no revision {quoted(address.revision)}; give one of its "
                "branches, tags or commits"
            )
        case errors.LocalEntryNotFoundError():
            return (
                f"it is not in the cache, and the Hub did not give it ({said}); connect to the "
                "Hub, or give a model file"
            )
        case errors.EntryNotFoundError():
            return (
                f"the repository has no {address.file}; give one that holds a charnn model, as "
                "push_to_hub writes it"
            )
        case errors.HFValidationError():
            return "that is no repository's name; write OWNER/NAME"
        case errors.HfHubHTTPError() if writing and error.response.status_code in (401, 403):
            return f"the Hub refuses ({said}); give a token that may write there: {TOKEN}"
    return f"the Hub did not do it ({said}); check the options, the token and the connection"
