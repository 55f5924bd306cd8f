"""Looks for values that suit the data better than the preset's, within a time.

Random search, of which the best are trained in full: Bergstra and Bengio (2012), "Random search for
hyper-parameter optimization"; Jamieson and Talwalkar (2016), "Non-stochastic best arm
identification", in two rounds. It goes by the validation set: no trial is given the test set.

Axis letters: N names, L labels.
"""

import shlex
import time
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from charnn.config import Config
from charnn.devices import threads
from charnn.errors import CharnnError, Ended
from charnn.signals import Stop, Stopped
from charnn.terminal import tell
from charnn.training.budget import Budget, options
from charnn.training.classify import Calibrated, calibrated, fit_on
from charnn.training.parts import Parts
from charnn.wording import counted

SHORT = 4  # times as many epochs has a training in full as one of the first round
MOST, MOST_IN_FULL = 40, 10  # trials: with more the best would be so by chance more often
LEAST = 10  # trainings of the default that the time has to be enough for
SLOWER = 1.25  # times as long the same training may take when it runs once more

Values = dict[str, Any]  # of Config


class Trial(NamedTuple):
    """A training with some values, and how good it is on the validation set."""

    values: Values  # that differ from the default's
    epochs: int
    model: Calibrated | None  # of one in full; the many short ones would fill the memory
    losses: np.ndarray  # (N,) nats of each name
    accuracy: float
    seconds: float

    @property
    def nll(self) -> float:
        """Mean negative log-likelihood in nats."""
        return float(self.losses.mean())

    def __str__(self) -> str:
        epochs = counted(self.epochs, "epoch")
        return f"NLL {self.nll:.3f} ({epochs}, {self.seconds:.0f} s): {shown(self.values)}"


def shown(values: Values) -> str:
    """The options that say these values."""
    return shlex.join(options(values)) or "the default"


class Until(Stop):
    """Ends a trial when its time is over, or when `stop` was asked."""

    def __init__(self, stop: Stop, seconds: float) -> None:
        super().__init__()
        self.stop, self.end = stop, time.monotonic() + seconds

    def check(self) -> None:
        """Raises Stopped if it is to end."""
        self.stop.check()
        if time.monotonic() >= self.end:
            raise Stopped

    @property
    def name(self) -> str:
        """What ended it."""
        return "the end of its time" if self.stop.signal is None else self.stop.name


# ---------------------------------------------------------------- looking for values


def drawn(base: Config, fixed: set[str], size: int, draw: np.random.Generator) -> Values:
    """Values near the base's, where each is as likely to stay as to change; those `fixed` stay.

    `size` is the training set's, of which no batch has more.
    """
    batch, largest = base.batch_size, min(base.batch_size, size)
    if "batch_size" not in fixed and draw.random() < 0.75:
        batch = min(largest, max(16, largest >> int(draw.integers(1, 5))))
    # A smaller batch has a noisier gradient: a lower rate makes up for it.
    rate = base.learning_rate * min(1.0, batch / largest) ** 0.5
    if draw.random() < 0.5:
        rate *= 4.0 ** draw.uniform(-1, 1)
    changed: Values = {
        "hidden": max(4, round(base.hidden * draw.choice([0.5, 0.75, 1.5, 2.0]))),
        "dropout": round(draw.uniform(0, 0.75), 2),
        "letter_dropout": round(draw.uniform(0, 0.35), 2),
        "ngrams": min(8, max(1, base.ngrams + int(draw.choice([-2, -1, 1, 2])))),
    }
    if not base.ngrams:
        del changed["ngrams"]
    values = {name: value for name, value in changed.items() if draw.random() < 0.5}
    values |= {"batch_size": batch, "learning_rate": float(f"{rate:.2g}")}
    return {
        name: value
        for name, value in values.items()
        if name not in fixed and value != getattr(base, name)
    }


class Search:
    """Trials on a training and a validation set, one after the other, until the time is over."""

    def __init__(
        self, parts: Parts, base: Config, fixed: set[str], device: str, budget: Budget, stop: Stop
    ):
        # Without the test set: what no trial has, none can be chosen by.
        self.parts = {name: parts[name] for name in ("train", "validation")}
        self.base, self.fixed, self.device = base, fixed, device
        self.budget, self.stop = budget, stop
        self.trials = 0  # that were not stopped
        self.compared = 0  # with the default, in full

    def trial(self, values: Values, seconds: float, epochs: int | None = None) -> Trial | None:
        """Trains with these values, in full or in so many epochs.

        None where that takes longer than these seconds, or fails.
        """
        config = replace(self.base, **values, epochs=epochs or self.base.epochs)
        started = time.monotonic()
        try:
            with threads(config):
                stop = Until(self.stop, seconds)
                fitted = fit_on(self.parts, config, self.device, stop=stop)
                if fitted.history.interrupted:
                    raise KeyboardInterrupt
                model = calibrated(fitted, self.parts)
                names, targets = self.parts["validation"].names, self.parts["validation"].targets
                log_probs = model.classifier.log_proba(names)  # (N, L)
        except KeyboardInterrupt:
            tell(f"  stopped after {time.monotonic() - started:.0f} s: {shown(values)}")
            return None
        except CharnnError as error:  # the loss was not finite
            if not values:
                raise
            tell(f"  {error}: {shown(values)}")
            return None
        losses = -log_probs[np.arange(len(targets)), targets]
        accuracy = float((log_probs.argmax(1) == targets).mean())
        seconds = time.monotonic() - started
        kept = model if epochs is None else None
        trial = Trial(values, config.epochs, kept, losses, accuracy, seconds)
        self.trials += 1
        tell(f"  {trial}")
        return trial

    def run(self) -> tuple[Trial, Trial]:
        """The default, and the best by the validation set: the default where none clearly is.

        Raises CharnnError where the default takes more than a tenth of the time, and Ended where a
        signal stops it.
        """
        default = self.trial({}, self.budget.left / LEAST)
        if default is None:
            if self.stop.signal is not None:
                raise Ended(self.stop.signal)
            raise CharnnError(
                f"--tune {self.budget.text} is too short, since one training takes more than a "
                "tenth of it; give more time or fewer --epochs, or leave it out"
            )
        # Half of what is left when the rest has its time.
        seconds = (self.budget.left - self.reserve(default, default.seconds)) / 2
        best = self.in_full(self.short(seconds), default)
        return default, best if best is default or self.holds(best, default) else default

    def reserve(self, default: Trial, seconds: float) -> float:
        """Seconds for what follows a trial in full: `holds`, and the training that is kept."""
        return SLOWER * (default.seconds + 2 * seconds)

    def holds(self, best: Trial, default: Trial) -> bool:
        """Whether it is clearly better than the default, and with another seed too.

        The first seed has chosen it, and so flatters it. After Ctrl-C the first has to do.
        """
        if not clearly_better(best, default):
            return False
        seed, kept = {"seed": (self.base.seed + 1) % 2**63}, SLOWER * best.seconds
        again = [
            self.trial({**one.values, **seed}, self.budget.left - kept) for one in (best, default)
        ]
        if again[0] is None or again[1] is None:
            return self.stop.signal is not None
        return clearly_better(again[0], again[1])

    def short(self, seconds: float) -> list[Trial]:
        """Other values in a part of the epochs, as many as these seconds are enough for."""
        draw = np.random.default_rng(self.base.seed)
        end = time.monotonic() + seconds
        found: list[Trial] = []
        seen: list[Values] = [{}]
        epochs = max(1, self.base.epochs // SHORT)
        for _ in range(MOST):
            values = drawn(self.base, self.fixed, len(self.parts["train"]), draw)
            if values in seen:
                continue
            seen.append(values)
            if self.stop.signal is not None or time.monotonic() >= end:
                break
            # In full it takes SHORT times as long, and that three times.
            most = self.budget.left / (1 + SHORT + 2 * SHORT * SLOWER)
            trial = self.trial(values, most, epochs)
            found += [] if trial is None else [trial]
        return sorted(found, key=lambda trial: trial.nll)

    def in_full(self, trials: list[Trial], default: Trial) -> Trial:
        """The best of the default and of these in full, as many as the time is enough for."""
        best = default
        for short in trials[:MOST_IN_FULL]:
            expected = SHORT * short.seconds
            left = self.budget.left - self.reserve(default, max(best.seconds, expected))
            if self.stop.signal is None and expected < left:
                trial = self.trial(short.values, left)
                self.compared += trial is not None
                if trial is not None and trial.nll < best.nll:
                    best = trial
        return best


def clearly_better(one: Trial, other: Trial) -> bool:
    """Whether its loss is lower by more than a standard error of the difference, name by name.

    Breiman et al. (1984), "Classification and regression trees", the rule of one standard error.
    """
    gains = other.losses - one.losses  # (N,)
    return bool(gains.mean() > gains.std() / np.sqrt(len(gains)))
