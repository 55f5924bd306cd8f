"""The lecture notes' own program: from which language is a surname? Kept as the notes wrote it.

    python examples/lecture.py [FOLDER] [STEPS]     (data/names and 100,000 steps)

It is here to be read beside charnn's network. It falls short in two places, marked below.
"""

import random
import string
import sys
import time
import unicodedata
from pathlib import Path

import torch
from torch import nn

LETTERS = string.ascii_letters + " .,;'-"
HIDDEN = 128
LEARNING_RATE = 0.005


def unicode_to_ascii(text):
    """Ślusàrski becomes Slusarski; a letter that has no accent to take off, such as ł, disappears."""
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(c for c in decomposed if unicodedata.category(c) != "Mn" and c in LETTERS)


def read_folder(folder):
    """{label: its names} of a folder of <label>.txt files."""
    return {path.stem: [name for line in path.read_text(encoding="utf-8").splitlines()
                        if (name := unicode_to_ascii(line.strip()))] for path in sorted(Path(folder).glob("*.txt"))}


def line_to_tensor(line):
    """One-hot letters (T, 1, V): T letters, a batch of one, V symbols."""
    tensor = torch.zeros(len(line), 1, len(LETTERS))
    for index, letter in enumerate(line):
        tensor[index][0][LETTERS.index(letter)] = 1
    return tensor


class RNN(nn.Module):
    """Joins letter and hidden state; one linear map gives the next hidden state, another the output."""

    def __init__(self, labels):
        super().__init__()
        self.i2h = nn.Linear(len(LETTERS) + HIDDEN, HIDDEN)
        self.i2o = nn.Linear(len(LETTERS) + HIDDEN, labels)
        self.softmax = nn.LogSoftmax(dim=1)

    def forward(self, letter, hidden):
        """letter (1, V), hidden (1, H) -> log-probabilities (1, L) and the next hidden state (1, H)."""
        combined = torch.cat((letter, hidden), 1)
        # Falls short here: no tanh, so the memory is linear, a weighted sum of the letters it has read.
        hidden = self.i2h(combined)
        output = self.softmax(self.i2o(combined))
        return output, hidden


def train_step(rnn, criterion, target, line_tensor):
    """Reads one name, compares the last output with the label (1,), and moves every weight a little."""
    hidden = torch.zeros(1, HIDDEN)
    rnn.zero_grad()
    for letter in line_tensor:
        output, hidden = rnn(letter, hidden)
    loss = criterion(output, target)
    loss.backward()
    with torch.no_grad():
        for parameter in rnn.parameters():
            if parameter.grad is not None:  # a name of one letter never needs i2h
                parameter -= LEARNING_RATE * parameter.grad
    return output, loss.item()


def train(names, steps, report=5000):
    """Trains for a number of single names and returns the network; prints a line every `report` steps."""
    labels, started, loss_sum = list(names), time.perf_counter(), 0.0
    rnn, criterion = RNN(len(labels)), nn.NLLLoss()
    for step in range(1, steps + 1):
        # Falls short here: one name at a time, so the processor waits for Python most of the time.
        label = random.choice(labels)
        name = random.choice(names[label])
        output, loss = train_step(rnn, criterion, torch.tensor([labels.index(label)]), line_to_tensor(name))
        loss_sum += loss
        if report and step % report == 0:
            guess = labels[output.argmax()]
            verdict = "✓" if guess == label else f"✗ ({label})"
            print(f"{step} {step / steps:4.0%} {step / (time.perf_counter() - started):.0f} names/s "
                  f"loss {loss_sum / report:.4f}   {name} / {guess} {verdict}")
            loss_sum = 0.0
    return rnn


if __name__ == "__main__":
    train(read_folder(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[1] / "data" / "names"),
          int(sys.argv[2]) if len(sys.argv) > 2 else 100_000)
