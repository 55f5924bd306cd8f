"""The training loop on a task of its own making: it must not need to know names."""

import signal

import pytest
import torch
from torch import nn

from charnn.config import OPTIMIZERS
from charnn.data import Batch
from charnn.devices import computes_with_zero, limited
from charnn.errors import CharnnError
from charnn.presets import configure
from charnn.training.loop import fit, rate_at, validate


class Line:
    """Points of y = 2x: a batch is x and y, the loss their squared distance."""

    batches_per_epoch = 4

    def __init__(self, scale=1.0, validation_scale=2.0):
        self.x, self.scale, self.validation_scale = (
            torch.linspace(-1, 1, 32).unsqueeze(1),
            scale,
            validation_scale,
        )

    def _batch(self, rows, slope):
        return Batch(self.x[rows] * self.scale, torch.ones(len(rows)), self.x[rows] * slope)

    def training_batches(self, generator):
        for rows in torch.randperm(32, generator=generator).split(10):
            yield self._batch(rows, 2.0)

    def validation_batches(self):
        yield self._batch(torch.arange(32), self.validation_scale)

    def output(self, network, batch, state):
        return network(batch.ids), None

    def loss(self, output, batch):
        return (output - batch.targets).square().sum(), len(batch.targets)

    def correct(self, output, batch):
        return ((output - batch.targets).abs() < 0.1).sum()


def train(task, on_epoch=lambda _: None, **overrides):
    torch.manual_seed(0)
    network = nn.Linear(1, 1)
    config = configure(**{"learning_rate": 0.1, "epochs": 20, "weight_decay": 0.0, **overrides})
    history = fit(
        network,
        task,
        config,
        torch.device("cpu"),
        torch.Generator().manual_seed(0),
        on_epoch=on_epoch,
    )
    return network, history


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_learns(optimizer):
    network, history = train(Line(), optimizer=optimizer)
    assert network.weight.item() == pytest.approx(2.0, abs=0.2)
    assert history.epochs[-1].validation_loss < history.epochs[0].validation_loss / 4


def test_it_computes_with_zero_in_place_of_tiny_floats():
    if not torch.set_flush_denormal(True):
        pytest.skip("this processor has no such mode")
    torch.set_flush_denormal(False)
    seen = []
    with limited(1):
        train(Line(), on_epoch=lambda _: seen.append(computes_with_zero()), epochs=2)
    assert seen == [True, True]
    assert not computes_with_zero()


def test_the_best_weights_are_kept_and_patience_ends_it():
    network, history = train(
        Line(validation_scale=1.0), epochs=200, patience=3
    )  # validation wants another slope
    losses = [epoch.validation_loss for epoch in history.epochs]
    assert history.best == losses.index(min(losses)) + 1
    assert len(losses) == history.best + 3
    assert "3 epochs" in history.ending
    loss, accuracy = validate(network, Line(validation_scale=1.0), torch.device("cpu"))
    assert loss == min(losses)
    assert accuracy == history.epochs[history.best - 1].validation_accuracy


def test_means_are_over_points_not_over_batches():
    task = Line()
    network, _ = train(task, epochs=1)
    loss, _ = validate(network, task, torch.device("cpu"))
    batches = list(task.training_batches(torch.Generator()))  # 10, 10, 10 and 2 points
    task.validation_batches = lambda: batches
    assert validate(network, task, torch.device("cpu"))[0] == pytest.approx(loss)


def interrupt_at(number):
    def on_epoch(epoch):
        if epoch.epoch == number:
            signal.raise_signal(signal.SIGINT)

    return on_epoch


def test_ctrl_c_keeps_the_best_so_far():
    task = Line(
        validation_scale=1.0
    )  # validation wants another slope, so the best epoch lies behind
    best = train(task, epochs=200, patience=20)[1].best
    network, history = train(task, interrupt_at(best + 10), epochs=200, patience=20)
    assert history.interrupted
    assert history.ending == "stopped by Ctrl-C"
    assert len(history.epochs) == best + 10
    losses = [epoch.validation_loss for epoch in history.epochs]
    assert validate(network, task, torch.device("cpu"))[0] == min(losses) < losses[-1]


def test_a_loss_that_is_not_finite_later_keeps_the_best_so_far():
    task = Line()

    def spoil(epoch):
        if epoch.epoch == 3:
            task.scale = float("inf")

    network, history = train(task, spoil)
    assert history.ending == "the loss was not finite in epoch 4; try a --learning-rate below 0.1"
    assert len(history.epochs) == 3
    assert torch.isfinite(network.weight).all()


def test_ctrl_c_before_the_first_epoch_is_passed_on():
    task = Line()
    original = task.loss

    def interrupted(*arguments):
        signal.raise_signal(signal.SIGINT)
        return original(*arguments)

    task.loss = interrupted
    with pytest.raises(KeyboardInterrupt):
        train(task)


def test_a_loss_that_is_not_finite_is_an_error():
    with pytest.raises(
        CharnnError, match=r"not finite in epoch 1; try a --learning-rate below 0\.1"
    ):
        train(Line(scale=float("inf")))


@pytest.mark.parametrize(
    ("clip", "step"), [(1.0, (0.6, 0.8)), (2.5, (1.5, 2.0)), (10.0, (3.0, 4.0))]
)
def test_clipping_by_hand(clip, step):
    """The loss 3a + 4b has the gradient (3, 4), of length 5: a longer one is scaled down, a shorter one is left."""

    class Slope(Line):
        batches_per_epoch = 1

        def training_batches(self, generator):
            yield Batch(torch.tensor([[3.0, 4.0]]), torch.ones(1), torch.zeros(1, 1))

        validation_batches = lambda self: self.training_batches(None)  # noqa: E731

        def loss(self, output, batch):
            return output.sum(), 1

    network = nn.Linear(2, 1, bias=False)
    start = network.weight.detach().clone()
    fit(
        network,
        Slope(),
        configure(epochs=1, optimizer="sgd", learning_rate=1.0, weight_decay=0.0, clip=clip),
        torch.device("cpu"),
        torch.Generator(),
    )
    torch.testing.assert_close(start - network.weight.detach(), torch.tensor([step]))


def test_clipping_bounds_the_step():
    plain, clipped = (
        train(Line(), epochs=1, optimizer="sgd", learning_rate=1.0, clip=clip)[0]
        for clip in (1e6, 1e-6)
    )
    torch.manual_seed(0)
    start = nn.Linear(1, 1)
    assert (clipped.weight - start.weight).abs() < 1e-5
    assert (plain.weight - start.weight).abs() > 1e-2


def test_the_learning_rate_warms_up_and_decays():
    rates = [rate_at(step, 100) for step in range(100)]
    assert max(rates) == rates[10] == 1.0
    assert rates[:10] == sorted(rates[:10])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 0.01


def test_the_same_seed_gives_the_same_weights():
    first, second = (train(Line())[0] for _ in range(2))
    assert torch.equal(first.weight, second.weight)


def test_an_epoch_reports_its_speed():
    _, history = train(Line(), epochs=2)
    assert all(epoch.per_second > 0 for epoch in history.epochs)


def test_the_state_is_carried_where_the_batch_says_so_and_detached():
    class Carry(Line):
        """Remembers what state each batch was given."""

        def __init__(self):
            super().__init__()
            self.given = []

        def training_batches(self, generator):
            for rows, carries in ((torch.arange(16), False), (torch.arange(16, 32), True)):
                batch = self._batch(rows, 2.0)
                yield type(
                    "Carried",
                    (),
                    {
                        "to": lambda self, _: self,
                        "carries": carries,
                        "ids": batch.ids,
                        "targets": batch.targets,
                    },
                )()

        def output(self, network, batch, state):
            if network.training:
                self.given.append(state)
            output = network(batch.ids)
            return output, (output, (output,))

    task = Carry()
    train(task, epochs=2)
    assert [state is None for state in task.given] == [True, False, True, False]
    first, (second,) = task.given[1]
    assert first.grad_fn is None
    assert second.grad_fn is None
    assert len(first) == 16
