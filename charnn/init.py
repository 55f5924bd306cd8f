"""How weights are initialised, so that gradients neither vanish nor explode over many steps.

Knows the names of a layer's weights, ours and torch's alike; nothing of data or training. Every
recurrent step multiplies the gradient by the same matrix: where that shrinks or stretches it, the
gradient vanishes or explodes.

Axis letters: I input, H hidden, G gates of a cell.
"""

import torch
from torch import Tensor, nn

from charnn.cells import Cell, LSTMCell
from charnn.config import INITS

ONE_HOT_STD = 0.5  # standard deviation of the weights that read a one-hot vector


@torch.no_grad()
def initialise(core: nn.Module, kind: str, forget_bias: float, one_hot_inputs: int = 0) -> None:
    """Initialises the weights of every cell in a core, gate by gate.

    "uniform" keeps the cell's own initial values, within 1 / sqrt(H); all other kinds set the
    biases to 0. `forget_bias` is added to the bias of an LSTM's forget gate, so that it keeps its
    cell state at first: Jozefowicz, Zaremba and Sutskever (2015).

    The weights of the last `one_hot_inputs` inputs, of which one at a time is 1, have standard
    deviation ONE_HOT_STD whatever the kind: one weight per unit is all that a letter adds. torch
    scales them as if all inputs were active at once: far too small for a single one.
    """
    for layer in core.modules():
        if not isinstance(layer, Cell | nn.RNNBase):
            continue
        if next(layer.parameters()).is_meta:  # normal_ on a meta tensor loads half of torch first
            continue
        for name, parameter in layer.named_parameters():
            if INITS[kind] is not None:
                _initialise_by_gate(name, parameter, kind, layer.hidden_size, one_hot_inputs)
            if "weight_ih" in name and one_hot_inputs:
                nn.init.normal_(parameter[:, -one_hot_inputs:], std=ONE_HOT_STD)
        if isinstance(layer, LSTMCell | nn.LSTM):
            bias = next(p for name, p in layer.named_parameters() if "bias_ih" in name)  # (4H,)
            input_gate_ends = layer.hidden_size  # the order of the gates is i, f, g, o
            bias[input_gate_ends : 2 * layer.hidden_size] += forget_bias


def _initialise_by_gate(
    name: str, parameter: Tensor, kind: str, hidden_size: int, one_hot_inputs: int
) -> None:
    """One parameter by torch's initialiser, each gate's matrix (H, H) or (H, I) on its own."""
    if "bias" in name:
        nn.init.zeros_(parameter)
        return
    if "weight_ih" in name:
        if kind == "identity":  # it is for the hidden state, which the cell repeats, not for inputs
            return
        parameter = parameter[:, : parameter.shape[1] - one_hot_inputs]
    elif "weight_hh" not in name:
        return
    if parameter.numel():
        for gate in parameter.split(hidden_size):
            getattr(nn.init, str(INITS[kind]))(gate)
