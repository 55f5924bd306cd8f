"""Model files as somebody else might have written them."""

import json

import torch
from safetensors.torch import save as to_bytes

from charnn.inference import checkpoint


def content(model):
    """Tensors and description of a good model file."""
    tensors, about = checkpoint.read(model)
    return dict(tensors), about


def store(path, tensors, about):
    """Writes a file as somebody else might have, with the right digest of what numpy can hold."""
    tensors = {name: torch.as_tensor(array) for name, array in tensors.items()}
    if isinstance(about, dict):
        arrays = {name: t.numpy() for name, t in tensors.items() if t.dtype != torch.float8_e4m3fn}
        about = json.dumps({**about, "digest": checkpoint.digest(arrays, about)})
    path.write_bytes(to_bytes(tensors, {"charnn": about}))
    return path
