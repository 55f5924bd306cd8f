"""What load() gives back for a classifier: names in, labels and probabilities out."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from charnn.devices import threads
from charnn.errors import CharnnError
from charnn.inference.trained import Trained
from charnn.model import build_network
from charnn.text.letters import UNKNOWN

CACHED = 524_288  # hidden units of all letters that are run at once: few enough to stay in the processor's cache


class Classifier(Trained):
    """A trained network that says which label a name has."""

    task = "classify"
    measured = ("n", "accuracy", "macro_f1", "nll")
    fewest_labels = 2
    build = staticmethod(build_network)

    @classmethod
    def check_about(cls, path: str | Path, about: dict) -> None:
        """Raises CharnnError for a temperature that cannot be."""
        temperature = about.get("temperature")
        if type(temperature) is not float or not 0.1 < temperature < 10:
            raise CharnnError(f"{path}: temperature {temperature!r}, expected a number of 0.1 to 10; train it again")
        share = about.get("ngram_share", 0.0)
        if type(share) is not float or not 0 <= share < 1:
            raise CharnnError(f"{path}: ngram_share {share!r}, expected a number of 0 to below 1; train it again")

    def occlusion(self, name: str) -> np.ndarray:
        """What each letter (or word) does for each label (letters, L), in nats: what its log-probability loses without.

        Without means that the letter becomes the unknown symbol, one at a time: Li, Monroe and Jurafsky (2016),
        "Understanding neural networks through representation erasure". The network has met that symbol in training
        only if its letter dropout is above 0. The n-grams say nothing of a hidden letter: for them it would speak for
        every label that has few names. Raises CharnnError as `log_proba` does.
        """
        symbols, = self.read([name])
        unknown = UNKNOWN if isinstance(symbols, str) else (UNKNOWN,)
        hidden = [symbols[:i] + unknown + symbols[i + 1:] for i in range(len(symbols))]
        log_probs = self._log_proba([symbols, *hidden])
        if self.ngrams:
            rows = np.flatnonzero(self._known(hidden)) + 1  # a name without a letter is not answered by them
            log_probs[rows] -= self.ngrams.scale * self.ngrams.letter.double().numpy()
            log_probs[rows] -= np.logaddexp.reduce(log_probs[rows], axis=1, keepdims=True)
        return log_probs[0] - log_probs[1:]

    @torch.inference_mode()
    def run(self, symbols: Sequence[Sequence[str]], targets: torch.Tensor | None = None) -> list[Sequence[str]]:
        """Runs the network over normalised names, all at once, for whoever watches it; gives what it read of each."""
        ids, lengths = self.vocabulary.encode(symbols)
        self.network(ids.to(self.device), lengths.to(self.device))
        return list(symbols)

    def _log_proba(self, symbols):
        """symbols: normalised names. Runs them longest first, like with like, and puts the rows back in order."""
        with threads(self.config), torch.inference_mode():
            return self._run(symbols)

    def _run(self, symbols):
        device = next(self.network.parameters()).device
        log_probs = np.empty((len(symbols), len(self.labels)))
        lengths = torch.tensor([max(len(text), 1) for text in symbols], dtype=torch.int64)
        order = lengths.argsort(descending=True, stable=True)
        while len(order):
            letters = CACHED // self.config.hidden  # padding included
            size = max(1, letters // int(lengths[order[0]]))  # the first is the longest that is left
            chosen, order = order[:size], order[size:]
            ids, sizes = self.vocabulary.encode([symbols[i] for i in chosen.tolist()])
            answer = self.network(ids.to(device), sizes.to(device)).cpu().double()  # MPS has no float64
            if self.ngrams:
                answer += self.ngrams(ids, sizes)
            if not bool(answer.isfinite().all()):
                raise CharnnError("the model answers with numbers that are not finite; train it again")
            without = ~self.vocabulary.letters[ids].any(1)  # no letter that it knows
            answer[without] = torch.from_numpy(self.log_prior())
            log_probs[chosen.numpy()] = (answer - answer.logsumexp(1, keepdim=True)).numpy()
        return log_probs
