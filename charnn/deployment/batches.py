"""Names that are asked for one by one, answered together: no batch waits to be filled.

Whatever is asked while one batch is computed is the next batch. So a single name is answered at
once, and under load batches grow by themselves. Knows no HTTP.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import partial

from charnn.inference.predictions import Prediction, predictions
from charnn.inference.trained import Trained

# Letters that are computed between two looks at the network: about a millisecond. To hand so few
# to a thread and wait for it takes longer than they do.
AT_ONCE = 1_024
# Letters of a batch, in a thread. A larger request is answered over several batches, in turn with
# the others, so that it delays nobody by more than one of them.
MOST = 8_192


class _Request:
    """Names that are to be answered, and what is found of them so far."""

    def __init__(self, names: Sequence[str], top: int):
        self.names, self.top = names, top
        self.future: asyncio.Future[list[Prediction]] = asyncio.get_running_loop().create_future()
        self.found: list[Prediction] = []

    def next_names(self, letters: int) -> Sequence[str]:
        """The names that come next, of about that many letters; at least one."""
        first = end = len(self.found)
        while end < len(self.names) and (letters > 0 or end == first):
            letters -= len(self.names[end]) + 1
            end += 1
        return self.names[first:end]

    def fail(self, error: Exception) -> None:
        """Raises an error where the answer is awaited."""
        if not self.future.done():  # whoever asked may have gone
            self.future.set_exception(error)


Batch = list[tuple[_Request, Sequence[str]]]


class Batches:
    """The names that one model is asked for.

    `measure` is told how many names each batch has; `executor` computes the large ones.
    """

    def __init__(self, model: Trained, executor: Executor, measure: Callable[[int], None]):
        self.model, self.executor, self.measure = model, executor, measure
        self.waiting: deque[_Request] = deque()
        self.running: asyncio.Task[None] | None = None

    async def predict(self, names: Sequence[str], top: int) -> list[Prediction]:
        """What is said of each name: at least its `top` most probable labels.

        Raises what the model raises.
        """
        request = _Request(names, top)
        self.waiting.append(request)
        if self.running is None:
            self.running = asyncio.create_task(self._run())
        return await request.future

    async def _run(self) -> None:
        """Answers batch after batch, until nothing waits."""
        try:
            while self.waiting:
                await self._answer(self._next())
                await asyncio.sleep(0)  # what has come in the meantime is the next batch
        finally:
            self.running = None

    def _next(self) -> Batch:
        """The next batch: some names of each request that waits, in turn."""
        batch: Batch = []
        share, letters = max(MOST // max(len(self.waiting), 1), AT_ONCE), 0
        while self.waiting and letters < MOST:
            request = self.waiting.popleft()
            if request.future.done():  # whoever asked has gone
                continue
            names = request.next_names(share)
            letters += sum(map(len, names))
            batch.append((request, names))
        return batch

    async def _answer(self, batch: Batch) -> None:
        """Computes a batch and gives each request its part; those with names left wait again."""
        if not batch:
            return
        try:
            found = iter(await self._computed(batch))
        except Exception as error:
            if len(batch) == 1:
                batch[0][0].fail(error)
                return
            for one in batch:  # only who asked for it is told what is wrong
                await self._answer([one])
            return
        for request, names in batch:
            request.found += [next(found) for _ in names]
            if len(request.found) < len(request.names):
                self.waiting.append(request)
            elif not request.future.done():
                request.future.set_result(request.found)

    async def _computed(self, batch: Batch) -> list[Prediction]:
        """What is said of all names of a batch. Raises what the model raises."""
        names = [name for _, some in batch for name in some]
        self.measure(len(names))
        top = max(request.top for request, _ in batch)
        compute = partial(_predictions, self.model, names, top)
        if sum(map(len, names)) <= AT_ONCE:
            return compute()
        return await asyncio.get_running_loop().run_in_executor(self.executor, compute)


def _predictions(model: Trained, names: Sequence[str], top: int) -> list[Prediction]:
    """What a model says of names. Raises CharnnError as the model does."""
    return list(predictions(model, names, top, 0.0, "surname"))
