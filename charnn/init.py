"""How weights are drawn before anything is learned: whether a gradient can find its way back through time.

Knows the names of a layer's weights, ours and torch's alike; nothing of data or training. Every recurrent step
multiplies the gradient by the same matrix: where that shrinks or stretches it, it vanishes or explodes.

Axis letters: I input, H hidden, G gates of a cell.
"""

import torch
from torch import nn

from charnn.cells import Cell, LSTMCell

LETTER_STD = 0.5
INITS = {  # how each gate's own matrix is drawn; of "uniform" as its cell has drawn it: within 1 / sqrt(H)
    "uniform": None,
    "xavier": nn.init.xavier_uniform_,    # within sqrt(6 / (I + H)): Glorot and Bengio (2010)
    "he": nn.init.kaiming_normal_,        # standard deviation sqrt(2 / I): He et al. (2015), for relu
    "orthogonal": nn.init.orthogonal_,    # changes no vector's length: Saxe, McClelland and Ganguli (2014)
    "identity": nn.init.eye_,             # repeats the hidden state: Le, Jaitly and Hinton (2015), for relu
}


@torch.no_grad()
def draw(core: nn.Module, kind: str, forget_bias: float, one_hot: int = 0) -> None:
    """Draws the weights of every cell in a core anew, gate by gate; all kinds but "uniform" set the biases to 0.

    `forget_bias` is added to the bias of an LSTM's forget gate, so that it keeps its cell state at first:
    Jozefowicz, Zaremba and Sutskever (2015).

    The weights of the last `one_hot` inputs, of which one at a time is 1, have standard deviation LETTER_STD whatever
    the kind: one weight per unit decides what a letter says. torch draws them as if all inputs spoke at once: far too
    quiet for a single one.
    """
    for layer in core.modules():
        if not isinstance(layer, Cell | nn.RNNBase) or next(layer.parameters()).is_meta:
            continue  # normal_ on a meta tensor loads half of torch first
        for name, parameter in layer.named_parameters():
            letters = one_hot if "weight_ih" in name else 0
            numbers = parameter[:, :-letters] if letters else parameter
            if "bias" in name and INITS[kind]:
                nn.init.zeros_(parameter)
            elif INITS[kind] and numbers.numel() and (
                    "weight_hh" in name or ("weight_ih" in name and kind != "identity")):  # an input is not the past
                for gate in numbers.split(layer.hidden_size):  # (H, H) or (H, I)
                    INITS[kind](gate)
            if letters:
                nn.init.normal_(parameter[:, -letters:], std=LETTER_STD)
        if isinstance(layer, LSTMCell | nn.LSTM):
            bias = layer.bias_ih if isinstance(layer, LSTMCell) else layer.bias_ih_l0  # (4H,): i, f, g, o
            bias[layer.hidden_size:2 * layer.hidden_size] += forget_bias
