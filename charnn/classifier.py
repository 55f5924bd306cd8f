"""What load() gives back for a classifier: names in, labels and probabilities out."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from charnn.errors import CharnnError
from charnn.model import build_network
from charnn.trained import Trained, threads

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
