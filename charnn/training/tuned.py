"""train --tune: from the options to the configuration that is trained, and what it has brought.

Reads the test set only once the model is trained. Axis letters: N names, L labels.
"""

import argparse
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from charnn import cli
from charnn.errors import Ended
from charnn.evaluation.metrics import NORMAL_95
from charnn.evaluation.versus import mcnemar
from charnn.inference.trained import Trained
from charnn.signals import ALL, stopping
from charnn.terminal import tell
from charnn.training.budget import command, given
from charnn.training.classify import finished
from charnn.training.jobs import Job, classifier_job
from charnn.training.parts import Parts
from charnn.training.run import Run
from charnn.training.tuning import Search, Trial, shown
from charnn.wording import counted


class Tuned(NamedTuple):
    """A search that is over: the default, and what was chosen, which may be the default."""

    default: Trial
    chosen: Trial
    trials: int
    compared: int  # trials in full beside the default
    parts: Parts
    command: str  # that trains the same model

    def results(self, model: Trained) -> Iterator[str]:
        """Lines on what the values that `model` was trained with have brought."""
        size, unit = len(self.parts["validation"]), f"{model.config.unit}s"
        trials = f"{counted(self.trials, 'trial')}, {self.compared} of other values in full"
        if self.chosen is self.default and not self.compared:
            yield f"{trials}: too few to know whether others are better; the default was kept"
        elif self.chosen is self.default:
            yield (
                f"{trials}; on the {size:,} {unit} of the validation set none is clearly better "
                "than the default, with two seeds: the default is as good here"
            )
        else:
            yield (
                f"{trials}; the default -> the values chosen by the {size:,} {unit} of the "
                "validation set, which flatters what it chooses:"
            )
            yield _changed(
                (self.default.accuracy, self.chosen.accuracy), (self.default.nll, self.chosen.nll)
            )
            yield from self.on_test(model)
        yield f"the same training without --tune: {self.command}"

    def on_test(self, model: Trained) -> Iterator[str]:
        """The default and the model on the test set, which has chosen nothing."""
        test = self.parts["test"]
        assert self.default.model is not None, "it was trained in full"
        before = finished(self.default.model, self.parts)
        log_probs = [each.log_proba(test.names) for each in (before, model)]  # (N, L) each
        losses = [-rows[np.arange(len(test)), test.targets] for rows in log_probs]  # (N,) each
        right = [rows.argmax(1) == test.targets for rows in log_probs]  # (N,) each
        yield f"and on the {len(test):,} {model.config.unit}s of the test set, which chose nothing:"
        yield _changed([each.mean() for each in right], [each.mean() for each in losses])
        gained, lost = int((right[1] & ~right[0]).sum()), int((right[0] & ~right[1]).sum())
        change = losses[1] - losses[0]
        half = NORMAL_95 * change.std() / np.sqrt(len(change))
        yield (
            f"  {gained:,} right that were wrong, {lost:,} wrong that were right (McNemar's test: "
            f"p = {mcnemar(gained, lost):.1g}); NLL {change.mean():+.3f} ± {half:.3f} (95%)"
        )


def tuned(run: Run, job: Job, arguments: argparse.Namespace) -> tuple[Run, Job]:
    """The training with the values that --tune finds, and its job; without --tune as they were.

    Ctrl-C ends the search, and the best so far is taken. Raises CharnnError where the time is too
    short, and Ended for the other signals.
    """
    if arguments.tune is None:
        return run, job
    parts = job.parts
    assert parts is not None, "only classifiers are tuned"
    tell(f"tuning for {arguments.tune.text}; on the {len(parts['validation']):,} to choose by:")
    with stopping(signals=ALL) as stop:
        search = Search(parts, run.config, given(arguments), arguments.device, arguments.tune, stop)
        default, chosen = search.run()
    for name, value in chosen.values.items():
        setattr(arguments, name, value)
    again = command(arguments)
    if stop.signal is not None:
        tell(f"charnn: the search was stopped by {stop.name}; the best so far: {again}")
        if stop.name != "Ctrl-C":
            raise Ended(stop.signal)
    tell(f"now training with {shown(chosen.values)}")
    # By the options, so that it is what the command says.
    config = cli.config_of(arguments)
    outcome = Tuned(default, chosen, search.trials, search.compared, parts, again)
    job = classifier_job(parts, config, arguments.device)

    def results(model: Trained) -> Iterator[str]:
        """The lines of any classifier, and those on the search."""
        yield from job.results(model)
        yield ""
        yield from outcome.results(model)

    return run._replace(config=config), job._replace(results=results)


def _changed(accuracy: Sequence[float], nll: Sequence[float]) -> str:
    """A line with the default's figures and the chosen values'."""
    return (
        f"  accuracy {accuracy[0]:.3f} -> {accuracy[1]:.3f}   NLL {nll[0]:.3f} -> {nll[1]:.3f} nats"
    )
