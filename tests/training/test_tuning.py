"""--tune: the search in training/tuning.py, its time and its command, and what it says it brought."""

import argparse
import re
import shlex
import signal
import time

import numpy as np
import pytest
from helpers import call, error_of, run
from hypothesis import given, settings
from hypothesis import strategies as st

from charnn.presets import PRESETS, configure
from charnn.signals import Stop
from charnn.train import parse
from charnn.training import tuning
from charnn.training.budget import Budget, budget, command
from charnn.training.parts import read_parts
from charnn.training.tuning import Search, Trial, clearly_better, drawn

# A network that learns too slowly for its few epochs, so that other values are better.
SLOW = {"hidden": 8, "epochs": 4, "ngrams": 0}
OPTIONS = ("--hidden", 8, "--epochs", 4, "--ngrams", 0, "--device", "cpu")
HOUR = 3600.0


@pytest.fixture
def few(monkeypatch):
    """A search that is over after a few trials, whatever its time."""
    monkeypatch.setattr(tuning, "MOST", 3)
    monkeypatch.setattr(tuning, "MOST_IN_FULL", 1)


def search(folder, seconds=HOUR, stop=None, without_test=False):
    """A search on a folder."""
    config = configure(**SLOW)
    parts = read_parts(folder, None, config)
    if without_test:
        del parts["test"]
    time_for_it = Budget("1h", seconds, time.monotonic() + seconds)
    return Search(parts, config, set(SLOW), "cpu", time_for_it, stop or Stop())


def tune(folder, out, *options):
    """The command, within this process."""
    return call("charnn.train", "--data", folder, "--out", out, *OPTIONS, "--tune", *options)


# ---------------------------------------------------------------- the options


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("30m", 1800), ("2h", 7200), ("1.5h", 5400)]
)
def test_a_time_is_a_number_and_its_unit(text, seconds):
    found = budget(text)
    assert found.seconds == seconds
    assert 0 <= time.monotonic() + found.seconds - found.end < 1


@pytest.mark.parametrize("text", ["30", "m", "-5m", "0s", "1d", "1e9h", "9999h", "٣m", "30 m", ""])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="is no time from a second"):
        budget(text)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("30x",), "'30x' is no time from a second to a hundred days; give one such as 90s"),
        (("1m", "--resume", "runs/x"), "--tune 1m does not go with --resume runs/x"),
        (("1m", "--from", "m.safetensors"), "--tune 1m does not go with --from m.safetensors"),
        (("1m", "--task", "generate"), "--tune 1m is for classifiers"),
        (("1m", "--text", "t.txt"), "--tune 1m is for classifiers"),
    ],
)
def test_options_that_cannot_work_are_one_line(options, message):
    assert message in error_of(call("charnn.train", "--tune", *options))


def test_too_short_a_time_is_an_error_and_nothing_is_written(folder, tmp_path):
    result = tune(folder, tmp_path / "out", "1s", "--epochs", 100_000, "--patience", 100_000)
    assert "--tune 1s is too short, since one training takes more than a tenth" in error_of(result)
    assert not (tmp_path / "out").exists()


# ---------------------------------------------------------------- the values


@settings(max_examples=10)
@given(seed=st.integers(0, 10_000), fixed=st.sets(st.sampled_from(["hidden", "batch_size"])))
def test_whatever_is_drawn_can_be_trained_and_what_was_given_stays(seed, fixed):
    for kind, tokens in (("classify", "letters"), ("words", "words")):
        for preset in PRESETS[kind]:
            base = configure(preset, tokens=tokens)
            values = drawn(base, fixed, 300, np.random.default_rng(seed))
            assert not fixed & values.keys()
            changed = configure(preset, **{"tokens": tokens, **values})
            assert {
                name for name in values if getattr(changed, name) == getattr(base, name)
            } == set()
            assert changed.to_dict() == {**base.to_dict(), **values}


def trial(losses):
    """A trial with these losses on the validation set."""
    return Trial({}, 4, None, np.array(losses), 0.5, 1.0)


def test_better_is_better_by_more_than_a_standard_error():
    default = trial([1.0, 1.0, 1.0, 1.0])
    assert clearly_better(trial([0.9, 0.9, 0.9, 0.9]), default)
    # Gains of 4, 0, 0 and 0: their mean is 1, their standard error 1.73 / 2.
    assert clearly_better(trial([-3.0, 1.0, 1.0, 1.0]), default)
    # Of 4, -2, 0 and 0: 0.5, and 2.18 / 2.
    assert not clearly_better(trial([-3.0, 3.0, 1.0, 1.0]), default)
    assert not clearly_better(default, default)


def test_no_trial_is_given_the_test_set(folder, few):
    default, chosen = search(folder, without_test=True).run()
    assert chosen.nll <= default.nll


@pytest.mark.slow
def test_the_same_seed_finds_the_same_values(folder, few):
    chosen, again = (search(folder).run()[1] for _ in range(2))
    assert again.values == chosen.values
    assert (again.losses == chosen.losses).all()


def test_what_is_better_with_the_seed_that_chose_it_alone_is_not_chosen(folder, monkeypatch):
    looking = search(folder)
    default, best = trial([1.0, 1.0]), trial([0.5, 0.5])._replace(values={"dropout": 0.0})
    for again, holds in ((0.9, True), (1.1, False)):
        with_seed_1 = {0.0: trial([again, again]), None: trial([1.0, 1.0])}
        monkeypatch.setattr(
            looking, "trial", lambda values, _, of=with_seed_1: of[values.get("dropout")]
        )
        assert looking.holds(best, default) == holds


# ---------------------------------------------------------------- the time


def test_a_trial_ends_with_its_time(folder):
    assert search(folder).trial({}, 0.0) is None


def test_no_trial_begins_that_would_leave_no_time_for_the_last_training(folder, monkeypatch):
    looking = search(folder)
    default = trial([1.0])._replace(seconds=80.0)
    short = trial([1.0])._replace(values={"dropout": 0.0}, seconds=100.0)
    begun = []
    monkeypatch.setattr(looking, "trial", lambda values, seconds: begun.append(seconds))
    # In full it would take 400 seconds; then it and the default with another seed, and it once
    # more, 880 seconds and a quarter more.
    for left in (1490.0, 1590.0):
        looking.budget = Budget("", left, time.monotonic() + left)
        looking.in_full([short], default)
    assert begun == [pytest.approx(490.0, abs=20)]


@pytest.mark.slow
def test_the_whole_command_keeps_its_time(folder, tmp_path):
    options = ("--hidden", 16, "--epochs", 4, "--tune", "40s")
    started = time.monotonic()
    result = run("charnn.train", "--data", folder, "--out", tmp_path / "out", *options)
    assert result.returncode == 0, result
    assert time.monotonic() - started < 40 + 15, "Python has to start and end too"


# ---------------------------------------------------------------- stopping


def stopping_at(number, at):
    """A Search.trial that is as if the signal had come after so many trials."""
    whole = Search.trial

    def trial(self, *arguments):
        found = whole(self, *arguments)
        if self.trials == at:
            self.stop.ask(number)
        return found

    return trial


@pytest.mark.slow
def test_ctrl_c_ends_the_search_and_the_best_so_far_is_trained(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(Search, "trial", stopping_at(signal.SIGINT, 2))
    result = tune(folder, tmp_path / "out", "1h")
    assert result.returncode == 0, result
    assert "the search was stopped by Ctrl-C; the best so far: python -m charnn" in result.stderr
    assert "2 trials, 0 of other values in full: too few to know" in result.stdout
    assert (tmp_path / "out" / "model.safetensors").exists()


def test_sigterm_ends_it_all_and_says_what_is_known(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(Search, "trial", stopping_at(signal.SIGTERM, 2))
    result = tune(folder, tmp_path / "out", "1h")
    assert result.returncode == 128 + signal.SIGTERM, result
    assert "stopped by SIGTERM; the best so far: python -m charnn.train" in result.stderr
    assert not (tmp_path / "out").exists()


def test_stopped_before_anything_is_known_it_ends(folder, tmp_path, monkeypatch):
    stop = Stop()
    stop.ask(signal.SIGINT)
    with pytest.raises(BaseException, match=str(int(signal.SIGINT))):
        search(folder, stop=stop).run()


# ---------------------------------------------------------------- the command


@pytest.mark.parametrize(
    "options",
    [
        "--data 'a folder' --test-data other --skip-unknown-labels --device cpu --seed 3",
        "--data t.csv --column name --label-column land --no-header --delimiter '\\t'",
        "--tokens words --no-bidirectional --readout pooled --learning-rate 3e-05 --raw",
    ],
)
def test_the_command_says_all_options_but_tune_and_out(options):
    said = parse([*shlex.split(options), "--tune", "1m", "--out", "there"])
    module, *words = shlex.split(command(said))[2:]
    assert module == "charnn.train"
    assert vars(parse(words)) == {**vars(said), "tune": None, "out": None}


@pytest.mark.slow
def test_the_command_that_it_prints_trains_the_same_model(folder, tmp_path, few):
    result = tune(folder, tmp_path / "out", "1h", "--seed", 3)
    assert result.returncode == 0, result
    assert result.stderr.count("  NLL ") >= 3, "a line for each trial"
    printed = re.search(
        r"^the same training without --tune: python -m (charnn\.train .*)$", result.stdout, re.M
    )
    module, *arguments = shlex.split(printed[1])
    assert "--tune" not in arguments
    assert "--learning-rate" in arguments, "otherwise nothing was chosen"
    assert call(module, *arguments, "--out", tmp_path / "again").returncode == 0
    first, second = (tmp_path / name / "model.safetensors" for name in ("out", "again"))
    assert first.read_bytes() == second.read_bytes()
    brought = r"accuracy (\d\.\d{3}) -> (\d\.\d{3})   NLL (\d\.\d{3}) -> (\d\.\d{3}) nats"
    (_, _, before, after), (_, accuracy, _, nll) = re.findall(brought, result.stdout)
    assert float(after) < float(before), "on the validation set"
    assert f"accuracy {accuracy} " in result.stdout, "the model's own figure on the test set"
    assert f"NLL {nll} nats " in result.stdout


@pytest.mark.slow
def test_a_default_that_stays_is_said(folder, tmp_path, few, monkeypatch):
    monkeypatch.setattr(tuning, "clearly_better", lambda one, other: False)
    result = tune(folder, tmp_path / "out", "1h")
    assert result.returncode == 0, result
    assert "none is clearly better than the default" in result.stdout
    assert "->" not in result.stdout, "there is nothing to compare"
