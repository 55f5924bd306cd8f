"""What is said of each of many names: its most probable labels, and what speaks against them.

Names come one after the other, from wherever; few of them are held at once. Prints nothing.
"""

import math
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from charnn.inference.doubts import Doubts
from charnn.inference.trained import UNKNOWN_LABEL, Ranking, Trained
from charnn.text.people import surnames
from charnn.text.reading import chunks
from charnn.wording import printable

CHUNK = 4096  # names classified at once


class Prediction(NamedTuple):
    """What is said of a name."""

    name: str
    surname: str  # what the model reads of it
    ranking: Ranking  # empty where its label is unknown
    doubts: Doubts

    def as_text(self, several: bool) -> str:
        """The lines of one name: `(-0.47) Scottish` for each label, or `unknown`.

        They come after `> Name` when there are several names.
        """
        lines = [f"> {printable(self.name)}"] if several else []
        for label, probability in self.ranking:
            log_prob = math.log(probability) if probability else -math.inf
            lines.append(f"({log_prob:.2f}) {printable(label)}")
        if not self.ranking:
            lines.append(UNKNOWN_LABEL)
        return "\n".join(lines)

    def to_dict(self, tokens: str) -> dict[str, Any]:
        """The same for JSON; `tokens` is what the model reads, "letters" or "words"."""
        rows = [{"label": label, "probability": probability} for label, probability in self.ranking]
        about: dict[str, Any] = {"name": self.name, "predictions": rows}
        if self.surname != self.name:
            about["surname"] = self.surname
        return {**about, **self.doubts.to_dict(tokens)}


def predictions(
    model: Trained, names: Iterable[str], top: int, unknown_below: float, name_format: str
) -> Iterator[Prediction]:
    """Each name with its `top` most probable labels; with none where its label is unknown.

    That is where the name holds no letter that the model knows, and where the top probability is
    below `unknown_below`. `name_format` is one of `charnn.text.people.FORMATS`.
    """
    for chunk in chunks(names, CHUNK, len):
        read = surnames(chunk, name_format)
        log_probs, known = model.log_proba_and_known(read)
        known &= np.exp(log_probs.max(1)) >= unknown_below
        ranked = model.rank(log_probs, top)
        rows = zip(chunk, read, ranked, known.tolist(), model.doubts(read), strict=True)
        for name, surname, ranking, is_known, doubts in rows:
            yield Prediction(name, surname, ranking if is_known else [], doubts)
