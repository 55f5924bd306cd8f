"""A network that reads Shakespeare, or any text of yours, and writes on in its manner.

    python examples/shakespeare.py my_text.txt [model.safetensors]

It knows nothing of words, lines or speakers: after each letter it says what the next one will be, and learns from
what it was. What it writes after each pass shows in which order that comes: first the letters' frequencies, then short
words and the shape of a line, then names of speakers and spelling. The second argument keeps the model, for
`python -m charnn.generate --model model.safetensors`.
"""

import sys

from charnn import cli, train_generator


def learn(path, start, **options):
    """Trains on a text, shows how the network goes on from `start` after each pass, and returns the generator."""
    def show(writer):
        print("-" * 80, writer.generate(prefix=start, temperature=0.8, length=200, seed=0)[0], sep="\n", flush=True)
    return train_generator(path, text=True, on_sample=show, **options)


def compare(writer, start, length=300):
    """The same beginning at three temperatures: careful, as learned from the text, daring."""
    for temperature in (0.5, 1.0, 1.5):
        print(f"\n======== temperature {temperature}")
        print(writer.generate(prefix=start, temperature=temperature, length=length, seed=1)[0])


def main(_=None):
    """Trains on the text that is named, says how well it is known, and lets the network write."""
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    writer = learn(sys.argv[1], "The ")
    if len(sys.argv) == 3:
        writer.save(sys.argv[2])
    figures = writer.figures["test"]
    print("-" * 80)
    print(f"{figures['bits_per_char']:.2f} bits per character of {figures['n']:,} that it never saw; a network that "
          f"has learned nothing needs {len(writer.vocabulary).bit_length()}")
    compare(writer, "The ")


if __name__ == "__main__":
    sys.exit(cli.run(main))  # what cannot be read is one line
