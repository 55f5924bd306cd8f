"""A network that learns to spell "hello", and goes on from its first letter.

    python examples/hello.py

The smallest text generator there is: four letters, one word, a hidden state of eight numbers. The
network reads a letter and predicts the next one. The second l is followed by an o and the first is
not, so the network has to remember where it is. charnn's own parts are used one by one;
`python -m charnn.train --task generate` puts the same ones together.

Axis letters: B batch (here always 1), T time (letters), V symbols.
"""

import torch
from torch.nn import functional as F

from charnn.cells import RNNCell
from charnn.model import EveryStep, GeneratorNetwork, Unrolled
from charnn.text.vocabulary import Vocabulary

WORD, HIDDEN, STEPS = "hello", 8, 150


def train(word: str, steps: int, report: int = 25) -> tuple[GeneratorNetwork, Vocabulary]:
    """Learns to predict the letter after each of the word's; returns network and vocabulary."""
    torch.manual_seed(0)
    vocabulary = Vocabulary("".join(sorted(set(word))))
    symbols = len(vocabulary)
    core = Unrolled(RNNCell(symbols, HIDDEN))
    network = GeneratorNetwork(core, EveryStep(HIDDEN, symbols), symbols)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    ids = torch.from_numpy(vocabulary.encode([word])[0])  # (1, 5)
    letters, following = ids[:, :-1], ids[0, 1:]  # hell -> ello
    for step in range(1, steps + 1):
        log_probs, _ = network(letters)  # (1, 4, V)
        loss = F.nll_loss(log_probs[0], following)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if report and step % report == 0:
            best = log_probs[0].argmax(1).tolist()  # (4,)
            predicted = "".join(vocabulary.symbols[i - 1] if i else "?" for i in best)
            print(f"step {step:3}: loss {loss.item():.3f}   {word[:-1]} -> {predicted}")
    return network, vocabulary


@torch.inference_mode()
def spell(network: GeneratorNetwork, vocabulary: Vocabulary, start: str, letters: int) -> str:
    """Goes on from `start` with the most probable letters; the state is all that it remembers."""
    ids = torch.from_numpy(vocabulary.encode([start])[0])
    state, text = None, start
    for _ in range(letters):
        log_probs, state = network(ids, None, state)
        # What it generated is what it reads next.
        ids = log_probs[:, -1:].argmax(2)  # (1, 1)
        text += vocabulary.symbols[int(ids) - 1]
    return text


if __name__ == "__main__":
    print(spell(*train(WORD, STEPS), WORD[0], len(WORD) - 1))
