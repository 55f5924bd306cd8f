"""What a linear classifier finds in a trained network's hidden states: which letter was read when.

Knows nothing of pictures. Axis letters: B batch, T time, H hidden.
"""

import numpy as np
import torch
from torch import Tensor

from charnn.devices import threads
from charnn.inference.trained import Trained
from charnn.views.fresh_networks import (
    Network,
    freshly_initialised,
    output_of,
    random_letters,
    recorded,
    recorded_layers,
)

STEPS = 40  # letters that a network reads before it is probed
BACK = 25  # steps back that it is probed at most
CLASSES = 16  # letters of which one is to be recalled: chance is 1/16
PROBES = 4000  # sequences: half to fit the probe, half to measure it


def probed_recall(model: Trained) -> dict[str, np.ndarray]:
    """How often a linear classifier predicts the letter of 0, 1, ... BACK steps ago: accuracies.

    It reads the hidden state of each layer's forward direction in a trained network, which is not
    changed, and in an untrained one of the same configuration: {"layer 1, trained": (1 + BACK,)}.
    Ridge regression on one letter in turn against all others (Hoerl and Kennard, 1970), fitted on
    one half of PROBES sequences of random letters and measured on the other. Alain and Bengio
    (2016), "Understanding intermediate layers using linear classifier probes".
    """
    generator = torch.Generator().manual_seed(0)
    ids, labels = random_letters(model, PROBES, STEPS, generator, CLASSES)
    # letters[:, n] (B,) is what was read n steps ago.
    letters = ids.flip(1).numpy()
    with threads(model.config):
        states = {
            "untrained": last_states(freshly_initialised(model, 0), ids, labels),
            "trained": last_states(model.network, ids, labels),
        }
        return {
            f"layer {layer + 1}, {which}": np.array(
                [probe(of_layers[layer], letters[:, back]) for back in range(BACK + 1)]
            )
            for layer in range(model.config.layers)
            for which, of_layers in states.items()
        }


def classes_of(model: Trained) -> int:
    """How many different letters `probed_recall` chooses from."""
    return min(CLASSES, int(model.vocabulary.alphanumeric.sum()))


@torch.inference_mode()
def last_states(
    network: Network, ids: Tensor, labels: Tensor | None, rows: int = 500
) -> list[np.ndarray]:
    """The hidden states (B, H) after the last letter in each layer's forward direction.

    ids (B, T), labels (B,) of a generator that has labels; `rows` sequences are read at once.
    """
    network = recorded(network)
    layers = recorded_layers(network)
    parts = []
    for chosen in torch.arange(len(ids)).split(rows):
        output_of(network, ids[chosen], None if labels is None else labels[chosen])
        parts.append([layer.hidden()[-1].numpy() for layer in layers])
    return [np.concatenate(layer) for layer in zip(*parts, strict=True)]


def probe(states: np.ndarray, letters: np.ndarray) -> float:
    """The accuracy of a linear classifier of letters (B,) by states (B, H).

    It is fitted on the first half and measured on the second.
    """
    half = len(states) // 2
    # scikit-learn takes a second to import, and of all pictures only recall needs it.
    from sklearn.linear_model import RidgeClassifier

    classifier = RidgeClassifier().fit(states[:half], letters[:half])
    return classifier.score(states[half:], letters[half:])
