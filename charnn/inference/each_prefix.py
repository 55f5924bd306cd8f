"""Many prefixes at once: those of one length are continued together, in batches.

Prints nothing and knows no files. Axis letters: B rows, P symbols of a prefix.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from charnn.errors import CharnnError
from charnn.inference.generator import MOST_LETTERS, ROWS, Generator
from charnn.inference.name_generator import ROUNDS, NameGenerator
from charnn.inference.plan import Plan, Sample
from charnn.inference.sampling import Options
from charnn.inference.text_generator import NO_LIST
from charnn.wording import quoted


def plans_of(
    generator: Generator, prefixes: Iterable[str], where: str, options: Options
) -> list[Plan]:
    """How the texts of each prefix are to be generated, all with the same random numbers.

    Raises CharnnError for the first that cannot be, with its line; `where` names the file.
    """
    plans: list[Plan] = []
    for line, prefix in enumerate(prefixes, start=1):
        try:
            plan = generator.plan(prefix, options)
        except CharnnError as error:
            raise CharnnError(f"{where}, line {line}: {error}") from None
        plans.append(plan._replace(sampler=plans[0].sampler) if plans else plan)
    return plans


def sample_each(
    generator: Generator,
    plans: Sequence[Plan],
    label: str | None = None,
    count: int = 1,
    novel: bool = False,
) -> list[list[Sample]]:
    """`count` texts for each of the plans, in their order; see `Generator.sample` for the rest.

    Raises CharnnError as `sample` does.
    """
    if count < 1:
        raise CharnnError(f"count {count} is less than 1; ask for at least one")
    if count * sum(plan.length for plan in plans) > MOST_LETTERS:
        raise CharnnError(
            f"count {quoted(count)} for each of {len(plans):,} prefixes is more than "
            f"{MOST_LETTERS:,} characters in all; ask for fewer"
        )
    of_names = generator if isinstance(generator, NameGenerator) else None
    if novel and of_names is None:
        raise CharnnError(NO_LIST)
    wanted = None if label is None else generator.index(label)
    found: list[list[Sample]] = [[] for _ in plans]
    waiting = [place for place in range(len(plans)) for _ in range(count)]
    for _ in range(ROUNDS):
        again = []
        for places in _batches(plans, waiting):
            samples = _samples(generator, [plans[i] for i in places], wanted)
            for place, sample in zip(places, samples, strict=True):
                if novel and of_names is not None and of_names.knows(sample.text):
                    again.append(place)
                else:
                    found[place].append(sample)
        if not again:
            return found
        waiting = again
    (start,) = plans[waiting[0]].starts
    raise CharnnError(
        f"no {count:,} novel names that start with {quoted(''.join(start))} in {ROUNDS} rounds; "
        "raise the temperature or ask for fewer"
    )


def _batches(plans: Sequence[Plan], places: Sequence[int]) -> Iterator[list[int]]:
    """The places of plans whose prefixes have one length together, up to ROWS of them."""
    of_length: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for place in places:
        plan = plans[place]
        of_length[len(plan.starts[0]), plan.length].append(place)
    for alike in of_length.values():
        for start in range(0, len(alike), ROWS):
            yield alike[start : start + ROWS]


def _samples(generator: Generator, plans: Sequence[Plan], label: int | None) -> list[Sample]:
    """A text of each of these plans, whose prefixes have one length, in one batch."""
    plan = plans[0]._replace(starts=tuple(start for plan in plans for start in plan.starts))
    labels = None
    if label is not None:
        labels = np.full(len(plans), label)
    elif generator.labels:
        labels = plan.sampler.noise.choice(np.exp(generator.log_prior()), len(plans))
    return generator.generate_rows(plan, labels, len(plans))
