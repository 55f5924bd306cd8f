"""A network that learns to spell "hello", and goes on from its first letter.

    python examples/hello.py

The smallest text generator there is: four letters, one word, a hidden state of eight numbers. Each letter is the
question, the next one the answer; the second l is followed by an o and the first is not, so the network has to
remember where it is. charnn's own parts are used one by one; `python -m charnn.train --task generate` puts the
same ones together.
"""

import torch
from torch.nn import functional as F

from charnn.cells import RNNCell
from charnn.model import EveryLetter, Unrolled, Writer
from charnn.text.vocabulary import Vocabulary

WORD, HIDDEN, STEPS = "hello", 8, 150


def train(word, steps, report=25):
    """Learns to answer each letter of the word with the next; returns the network and its vocabulary."""
    torch.manual_seed(0)
    vocabulary = Vocabulary("".join(sorted(set(word))))
    network = Writer(Unrolled(RNNCell(len(vocabulary), HIDDEN)), EveryLetter(HIDDEN, len(vocabulary)), len(vocabulary))
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    ids, _ = vocabulary.encode([word])                         # (1, 5)
    letters, following = ids[:, :-1], ids[0, 1:]               # hell -> ello
    for step in range(1, steps + 1):
        log_probs, _ = network(letters)                        # (1, 4, V)
        loss = F.nll_loss(log_probs[0], following)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if report and step % report == 0:
            answers = "".join(vocabulary.symbols[i - 1] if i else "?" for i in log_probs[0].argmax(1).tolist())
            print(f"step {step:3}: loss {loss.item():.3f}   {word[:-1]} -> {answers}")
    return network, vocabulary


@torch.inference_mode()
def spell(network, vocabulary, start, letters):
    """Goes on from `start`, a letter at a time, each the most probable one; the state is all that it remembers."""
    ids, state, text = vocabulary.encode([start])[0], None, start
    for _ in range(letters):
        log_probs, state = network(ids, None, state)
        ids = log_probs[:, -1:].argmax(2)                      # (1, 1): what it wrote is what it reads next
        text += vocabulary.symbols[int(ids) - 1]
    return text


if __name__ == "__main__":
    print(spell(*train(WORD, STEPS), WORD[0], len(WORD) - 1))
