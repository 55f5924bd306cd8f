"""From a model file to a model that answers."""

from pathlib import Path

from charnn.devices import pick_device
from charnn.errors import CharnnError
from charnn.inference import checkpoint
from charnn.inference.classifier import Classifier
from charnn.inference.generator import Generator

BUNDLED = Path(__file__).parents[1] / "models"


def load(model: str | Path | None = None, device: str = "auto") -> Classifier | Generator:
    """The bundled classifier, the bundled "generator", or what is in a model file.

    Raises CharnnError for a file that is absent, broken or of a newer format, and for a device that is not there.
    """
    path = BUNDLED / f"{model or 'classifier'}.safetensors" if model in (None, "classifier", "generator") else model
    tensors, about = checkpoint.read(path)
    kinds = {kind.task: kind for kind in (Classifier, Generator)}
    if about.get("task") not in kinds:
        raise CharnnError(f"{path}: task {about.get('task')!r}, expected {' or '.join(map(repr, kinds))}; "
                          "train it again")
    trained = kinds[about["task"]].from_file(path, tensors, about)
    trained.network.to(pick_device(device))
    return trained
