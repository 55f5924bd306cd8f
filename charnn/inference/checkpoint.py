"""One file: weights, and everything else as one JSON text beside them (safetensors, no pickle).

Knows nothing of networks or tasks: tensors and a dictionary go in and come out.
The same tensors and dictionary give the same file, byte for byte.
"""

import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors import torch as safetensors_torch

from charnn.errors import CharnnError
from charnn.files import write
from charnn.version import __version__

FORMAT = 2  # 1 had no fingerprints of the names a model was made from


def save(path: str | Path, tensors: dict[str, torch.Tensor], about: dict) -> None:
    """Writes tensors and their description; format and package version are added to `about`."""
    about = {**about, "format": FORMAT, "version": __version__}
    metadata = {"charnn": json.dumps(about, sort_keys=True, ensure_ascii=False, separators=(",", ":"))}
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    write(path, safetensors_torch.save(plain, metadata))


def read(path: str | Path) -> tuple[dict[str, torch.Tensor], dict]:
    """Tensors and description of a model file.

    Raises CharnnError for a file that is absent, not safetensors, not charnn's or of a newer format.
    """
    path = Path(path)
    if path.is_dir():
        raise CharnnError(f"{path} is a folder; give the model file in it, such as {path / 'model.safetensors'}")
    if not path.exists():
        raise CharnnError(f"{path} does not exist; give a model.safetensors that charnn.train wrote")
    if not path.is_file():
        raise CharnnError(f"{path} is no plain file; give a model.safetensors that charnn.train wrote")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            about = _parse(metadata.get("charnn"), path)
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except OSError as error:
        raise CharnnError(f"{path} cannot be read ({error.strerror or error}); check its permissions") from None
    except SafetensorError as error:
        raise CharnnError(f"{path} is not a whole safetensors file ({error}); train or copy it again") from None
    return tensors, about


def _parse(text, path):
    try:
        about = json.loads(text or "")
        found = about["format"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise CharnnError(f"{path} has no charnn description; "
                          "give a model.safetensors that charnn.train wrote") from None
    if type(found) is not int or found < FORMAT:
        raise CharnnError(f"{path} is of format {found!r}, expected {FORMAT}; train it again")
    if found > FORMAT:
        raise CharnnError(f"{path} is of format {found}, this charnn {__version__} reads up to {FORMAT}; "
                          f"it needs charnn {about.get('version', 'of a later date')} or newer")
    return about


def check(path: str | Path, tensors: dict[str, torch.Tensor], expected: dict[str, torch.Tensor]) -> None:
    """Raises CharnnError, with path, expected and found, unless names, shapes and types agree and all is finite."""
    describe = lambda tensor: f"{tuple(tensor.shape)} {str(tensor.dtype).removeprefix('torch.')}"  # noqa: E731
    for name in sorted(expected.keys() | tensors.keys()):
        wanted = describe(expected[name]) if name in expected else "nothing"
        found = describe(tensors[name]) if name in tensors else "nothing"
        if wanted != found:
            raise CharnnError(f"{path}: tensor {name}: expected {wanted}, found {found}; train it again")
        if not bool(torch.isfinite(tensors[name]).all()):
            raise CharnnError(f"{path}: tensor {name} holds a value that is not finite; train it again")
