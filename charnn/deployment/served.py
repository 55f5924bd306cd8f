"""The models of a server: loaded together, tried out, and exchanged together or not at all."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from functools import cached_property
from threading import Lock
from typing import Any

from charnn.deployment.batches import Batches
from charnn.deployment.settings import Named
from charnn.inference import checkpoint
from charnn.inference.description import held_out
from charnn.inference.generator import Generator
from charnn.inference.load import load
from charnn.inference.trained import Trained

TRIED = "a"  # what each model is asked before it is served


class Served:
    """One model that is being served."""

    def __init__(self, name: str, model: Any, executor: Executor, measure: Callable[[int], None]):
        self.name, self.model, self.executor = name, model, executor
        self.batches = Batches(model, executor, measure)
        self._page: bytes | None = None
        self._making = Lock()

    @property
    def classifies(self) -> bool:
        """Whether it says which label a name has."""
        return self.model.task == "classify"

    @property
    def writes(self) -> bool:
        """Whether it generates names or text."""
        return isinstance(self.model, Generator)

    def page(self, names: tuple[str, ...]) -> bytes:
        """Its page, with links to those of all models of these names.

        But for the links it is what `charnn.export --to web` writes. Made once.
        """
        with self._making:
            if self._page is None:
                from charnn.deployment.web import web_page

                others = [(name, f"/pages/{name}") for name in names] if len(names) > 1 else []
                self._page = web_page(self.model, others, self.name).encode()
            return self._page

    @cached_property
    def digest(self) -> str:
        """The digest that stands in its file, which says which one it is."""
        return checkpoint.digest(self.model.arrays(), self.model.description())

    def about(self) -> dict[str, Any]:
        """What is said of it in a list of models."""
        model: Trained = self.model
        return {
            "name": self.name,
            "task": model.task,
            "reads": model.kind.get("reads", "names"),
            "labels": model.labels,
            "digest": self.digest,
            "figures": held_out(model.figures),
        }

    async def in_thread(self, compute: Callable[..., Any], *arguments: Any) -> Any:
        """What a long computation gives, while other requests are answered."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.executor, lambda: compute(*arguments))

    def try_out(self) -> None:
        """Lets the model answer once. Raises what it raises."""
        if self.classifies:
            self.model.predict_proba(TRIED)
        else:
            self.model.sample(count=1, length=1, seed=0)

    async def ready(self) -> None:
        """Returns once the model has answered, after whatever waits before. Raises as it does."""
        if self.classifies:
            await self.batches.predict([TRIED], 1)
        else:
            await self.in_thread(self.try_out)


def load_all(
    named: Sequence[Named], executor: Executor, measure: Callable[[int], None]
) -> Mapping[str, Served]:
    """All models by name, each of which has answered once.

    Raises CharnnError, with the path, for the first that cannot be loaded; then none is.
    """
    found = {}
    for name, path in named:
        model = load(path if path is not None else name, "cpu")
        found[name] = Served(name, model, executor, measure)
        found[name].try_out()
    return found
