"""A trained model's part in the Hugging Face Hub: loaded from there, saved for it and uploaded.

Knows the model's files, not what is in them. A model card is made when one is asked for.
"""

import warnings
from abc import abstractmethod
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Self

from charnn import checks, files
from charnn.errors import CharnnError
from charnn.inference.card import model_card
from charnn.inference.hub import (
    MODEL,
    PREFIX,
    Address,
    address_of,
    check_library,
    download,
    one_line_for_errors,
)
from charnn.wording import quoted

CARD = "README.md"


class OnHub:
    """The part of a trained model that comes from the Hub and goes there."""

    @abstractmethod
    def save(self, path: str | Path) -> None:
        """Writes the model file atomically."""

    @abstractmethod
    def description(self) -> dict[str, Any]:
        """What a model file says beside its arrays."""

    @classmethod
    def from_pretrained(
        cls,
        id_or_folder: str | Path,
        *,
        revision: str | None = None,
        cache_dir: str | Path | None = None,
        force_download: bool = False,
        local_files_only: bool = False,
        token: str | bool | None = None,
    ) -> Self:
        """The model of a repository "OWNER/NAME" on the Hugging Face Hub, or of a folder.

        `revision` is a branch, a tag or a commit; `cache_dir` where files are kept instead of the
        Hub's cache; `force_download` does not take them from there, and `local_files_only` takes
        them from nowhere else; `token` is for what is private, without one that of `hf auth login`
        or HF_TOKEN. A folder has a model.safetensors, and needs no huggingface_hub; the other
        options have no part in it. Raises CharnnError where there is no such model, for a file that
        `charnn.load` would refuse, and for a model of another kind.
        """
        path = checks.path("id_or_folder", id_or_folder)
        if path.is_file():
            raise CharnnError(f"{path} is a file; give its folder, or read it with charnn.load")
        if path.is_dir():
            path /= MODEL
        else:
            name = str(id_or_folder)
            address = address_of(name) if name.startswith(PREFIX) else Address(name, name)
            path = download(
                address._replace(revision=revision or address.revision),
                cache_dir=cache_dir,
                force_download=force_download,
                local_files_only=local_files_only,
                token=token,
            )
        # By its name: that file knows all kinds of models, and so it imports this one.
        model = import_module("charnn.inference.load").load(path)
        if not isinstance(model, cls):
            raise CharnnError(
                f"{id_or_folder} holds a {type(model).__name__}, expected a {cls.__name__}; "
                "charnn.load gives a model of any kind"
            )
        return model

    def save_pretrained(self, folder: str | Path, *, license: str | None = None) -> None:
        """Writes model.safetensors and a model card, README.md, into a folder, made if need be.

        A model.safetensors that is there is replaced, atomically. A README.md that is there stays
        as it is, as somebody may have written in it: a warning says so where it is another one.
        All other files are left alone. `license` is the model's, by the Hub's name of it, such as
        "mit". Raises CharnnError for a folder that cannot be written to, and without
        huggingface_hub.
        """
        folder = checks.path("folder", folder)
        check_library("a model card")
        _save(self, folder, model_card(self.description(), "OWNER/NAME", license))

    def push_to_hub(
        self,
        repo_id: str,
        *,
        private: bool | None = None,
        token: str | None = None,
        create_pr: bool = False,
        license: str | None = None,
    ) -> str:
        """Uploads model.safetensors and a model card, README.md, to "OWNER/NAME", in one commit.

        A repository that is not there is made, `private` or as the owner's are by default. In one
        that is there both files are replaced, and stay in its history; with `create_pr` a pull
        request is made instead. The model file holds fingerprints of the names that the model was
        trained on: whoever has it can test whether a name was among them. `license` is as for
        `save_pretrained`, `token` as for `from_pretrained`. Returns the web address of the commit
        or the pull request. Raises CharnnError where the Hub cannot be reached or refuses, and
        without huggingface_hub.
        """
        name = checks.text("repo_id", repo_id).removeprefix(PREFIX)
        if name.count("/") != 1:
            raise CharnnError(f"{quoted(repo_id)} is no repository's name; write OWNER/NAME")
        check_library(name)
        from huggingface_hub import ModelHubMixin

        card = model_card(self.description(), name, license)
        save = partial(_save, self, card=card)

        class Upload(ModelHubMixin):
            """The model's files, as huggingface_hub asks for them."""

            def _save_pretrained(self, save_directory: Path) -> None:
                save(save_directory)

        with one_line_for_errors(Address(name, name), writing=True):
            commit = Upload().push_to_hub(
                name,
                commit_message="Upload a charnn model",
                private=private,
                token=token,
                create_pr=create_pr,
            )
        return getattr(commit, "pr_url", None) or str(commit)


def _save(model: OnHub, folder: Path, card: str) -> None:
    """Writes the model file, and the card unless there is one."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CharnnError(
            f"{folder} cannot be made ({error.strerror}); choose another folder"
        ) from None
    model.save(folder / MODEL)
    path, content = folder / CARD, card.encode()
    if not path.exists():
        files.write(path, content)
    elif not path.is_file() or path.read_bytes() != content:
        warnings.warn(
            f"{path} was there and stays as it is, with what it says of another model; remove it "
            "and save again for this model's card",
            stacklevel=3,
        )
