"""What gradients and recall are measured on: fresh networks, recorded networks, random letters.

Knows nothing of names or pictures. Axis letters: B batch, T time, V symbols, L labels.
"""

from copy import deepcopy

import torch
from torch import Tensor, nn

from charnn.cores import forward_layers
from charnn.errors import CharnnError
from charnn.inference.trained import Trained
from charnn.model import ClassifierNetwork, GeneratorNetwork, build_network
from charnn.views.watch import RecordingCore, with_recording
from charnn.wording import counted

Network = ClassifierNetwork | GeneratorNetwork


@torch.no_grad()
def scale_recurrent_weights(module: nn.Module, scale: float) -> None:
    """Multiplies the recurrent weights of a network or core by a number."""
    for name, parameter in module.named_parameters():
        if "weight_hh" in name:
            parameter.mul_(scale)


def freshly_initialised(model: Trained, seed: int) -> Network:
    """A network of the same configuration as a trained one, with fresh weights."""
    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        return build_network(model.config, len(model.vocabulary), len(model.labels))


def recorded(network: Network) -> Network:
    """A copy of a network, on the CPU and without dropout, that keeps its states as it reads."""
    # A copy, so that the network itself stays where it is, as it is.
    copy = deepcopy(network).cpu().eval()
    copy.core = with_recording(copy.core)
    return copy


def recorded_layers(network: Network) -> list[RecordingCore]:
    """The forward direction of each layer of a network that is `recorded`, the lowest first."""
    layers = []
    for core in forward_layers(network.core):
        assert isinstance(core, RecordingCore)
        layers.append(core)
    return layers


def output_of(network: Network, ids: Tensor, labels: Tensor | None) -> Tensor:
    """A network's log-probabilities for texts without padding: ids (B, T), labels (B,) or None.

    (B, L) of a classifier, (B, T, V) of a generator, which alone is conditioned on labels.
    """
    if isinstance(network, GeneratorNetwork):
        output: Tensor = network(ids, labels)[0]
        return output
    batch, time = ids.shape
    return network(ids, torch.full((batch,), time))


def random_letters(
    model: Trained, rows: int, steps: int, generator: torch.Generator, most: int | None = None
) -> tuple[Tensor, Tensor | None]:
    """Random letters (or words) of a model's vocabulary: ids (B, T) and labels (B,) or None.

    B = rows, T = steps. Labels are random too, for a generator that is conditioned on one. Signs
    and the unknown symbol are left out; of more than `most` letters, `most` are chosen at random.
    Raises CharnnError for a vocabulary of one letter.
    """
    letters = torch.from_numpy(model.vocabulary.alphanumeric).nonzero().squeeze(1)
    if len(letters) < 2:
        raise CharnnError(
            f"the model knows {counted(len(letters), 'letter')}, too few for a random choice; "
            "give a model that knows at least 2"
        )
    # The first `most` of a random order; all of them without a limit.
    letters = letters[torch.randperm(len(letters), generator=generator)[:most]]
    ids = letters[torch.randint(len(letters), (rows, steps), generator=generator)]  # (B, T)
    network = model.network
    if isinstance(network, GeneratorNetwork) and network.labels:
        return ids, torch.randint(network.labels, (rows,), generator=generator)
    return ids, None
