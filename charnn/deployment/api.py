"""The questions that a server answers: what each may be asked, how it is answered, and with what.

Knows models and plain values, no HTTP: `openapi.py` documents the same table, `server.py` asks it.
Axis letters: L labels.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from charnn.deployment.asked import REQUIRED, Field, Refused
from charnn.deployment.served import Served
from charnn.deployment.settings import Settings
from charnn.errors import CharnnError
from charnn.inference.plan import bits_per_char
from charnn.inference.predictions import Prediction
from charnn.wording import counted

MOST_BELIEFS = 200  # letters of a name whose every beginning is classified
Answer = dict[str, Any]


class Question(NamedTuple):
    """Something that may be asked: how, with which fields, and who answers."""

    path: str
    method: str  # GET or POST
    fields: tuple[Field, ...]
    about: str
    answer: Callable[[dict[str, Any]], Awaitable[Answer]]
    returns: Mapping[str, Any]  # the answer, as JSON Schema has it


class Api:
    """The questions to some models. `models` may be exchanged at any time, as a whole."""

    def __init__(self, models: Mapping[str, Served], settings: Settings):
        self.models, self.settings = models, settings
        classifiers = tuple(name for name, one in models.items() if one.classifies)
        writers = tuple(name for name, one in models.items() if one.writes)
        self.questions = (
            *(self._of_classifiers(classifiers) if classifiers else ()),
            *(self._of_writers(writers) if writers else ()),
            Question("/models", "GET", (), "The models that are served", self.list, MODELS),
            Question("/health", "GET", (), "Whether every model answers", self.health, HEALTH),
        )

    # ------------------------------------------------------------ what may be asked

    def _of_classifiers(self, names: tuple[str, ...]) -> tuple[Question, ...]:
        most = self.settings.max_letters
        name = _text("name", "A name (or any text) to classify", most, "Hinton")
        many = Field(
            "names",
            "array",
            "Names (or texts) to classify",
            most=most,
            many=self.settings.max_names,
            example=["Hinton", "Satoshi"],
        )
        top = Field("top", "integer", "Labels of each name, the most probable first", 3, 1, 10_000)
        below = Field(
            "unknown_below",
            "number",
            "Names whose best label is less probable than this get no labels",
            0.0,
            0.0,
            1.0,
        )
        model = _model(names)
        short = _text("name", "A name", min(most, MOST_BELIEFS), "Satoshi")
        return (
            Question(
                "/predict",
                "GET",
                (name, top, below, model),
                "The most probable labels of a name",
                self.predict,
                PREDICTED,
            ),
            Question(
                "/predict",
                "POST",
                (many, top, below, model),
                "The most probable labels of each name",
                self.predict,
                PREDICTED,
            ),
            Question(
                "/beliefs",
                "GET",
                (short, top, model),
                "The most probable labels after each letter of a name",
                self.beliefs,
                BELIEFS,
            ),
        )

    def _of_writers(self, names: tuple[str, ...]) -> tuple[Question, ...]:
        most, model = self.settings.max_letters, _model(names)
        label = _text("label", "A label (absent: any, by its share)", most, None, None)
        sampling = (
            _text("prefix", "How each text begins", most, None, ""),
            Field("count", "integer", "How many texts", 1, 1, self.settings.max_written),
            Field("temperature", "number", "Below 1 less surprising, above 1 more", 1.0, 0, 100),
            Field("top_k", "integer", "Draw from the k most probable letters only", None, 1),
            Field(
                "top_p",
                "number",
                "Draw from the most probable letters that together have this probability",
                None,
                0,
                1,
                above=True,
            ),
            Field("length", "integer", "Characters of a text, at most", None, 1),
            Field("seed", "integer", "The same seed gives the same texts", None, 0, 2**63 - 1),
            Field("novel", "boolean", "Only names that are not in the training data", False),
        )
        text = _text("text", "A text", most, "Satoshi")
        return (
            Question(
                "/generate",
                "POST",
                (label, *sampling, model),
                "New names or text, with bits per character",
                self.generate,
                GENERATED,
            ),
            Question(
                "/score",
                "POST",
                (text, label, model),
                "Bits of each character of a text, given those before it",
                self.score,
                SCORED,
            ),
        )

    # ------------------------------------------------------------ the answers

    async def predict(self, asked: dict[str, Any]) -> Answer:
        """The labels of `names`, or of one `name`; as charnn.predict --json has them."""
        served = self.models[asked["model"]]
        names = asked["names"] if "names" in asked else [asked["name"]]
        found = await _refusing(served.batches.predict(names, asked["top"]))
        rows = [
            _row(one, asked["top"], asked["unknown_below"], served.model.config.tokens)
            for one in found
        ]
        return {"model": served.name, "answers": rows}

    async def beliefs(self, asked: dict[str, Any]) -> Answer:
        """The labels after each letter of a `name`, as it is read."""
        served, top = self.models[asked["model"]], asked["top"]
        letters, ranked = await _refusing(
            served.in_thread(_beliefs, served.model, asked["name"], top)
        )
        rows = [
            {"letter": letter, "predictions": _labels(ranking)}
            for letter, ranking in zip(letters, ranked, strict=False)
        ]
        return {"model": served.name, "name": asked["name"], "letters": rows}

    async def generate(self, asked: dict[str, Any]) -> Answer:
        """New texts."""
        served = self.models[asked.pop("model")]
        length = asked["length"] or served.model.default_length or served.model.config.max_length
        letters, most = length * asked["count"], self.settings.max_written
        if letters > most:
            raise Refused(
                413,
                f"count {asked['count']:,} of up to {counted(length, 'character')} is more than "
                f"{most:,} characters; ask for fewer",
            )
        samples = await _refusing(served.in_thread(lambda: served.model.sample(**asked)))
        return {"model": served.name, "texts": [sample._asdict() for sample in samples]}

    async def score(self, asked: dict[str, Any]) -> Answer:
        """The bits of each character of a `text`; a name's end is a line break."""
        served = self.models[asked["model"]]
        rows = await _refusing(
            served.in_thread(served.model.bits_per_letter, asked["text"], asked["label"])
        )
        return {
            "model": served.name,
            "text": asked["text"],
            "label": asked["label"],
            "bits_per_char": bits_per_char(rows),
            "letters": [{"letter": letter, "bits": bits} for letter, bits in rows],
        }

    async def list(self, _: dict[str, Any]) -> Answer:
        """What is served."""
        return {"models": [one.about() for one in self.models.values()]}

    async def health(self, _: dict[str, Any]) -> Answer:
        """Answers when every model has answered."""
        for one in tuple(self.models.values()):
            await one.ready()
        return {"status": "ready"}


def _text(name: str, about: str, most: int, example: str | None, default: Any = REQUIRED) -> Field:
    return Field(name, "string", about, default, most=most, example=example)


def _model(names: tuple[str, ...]) -> Field:
    return Field("model", "string", "Which of the served models", names[0], choices=names)


async def _refusing(answer: Awaitable[Any]) -> Any:
    """The answer; what the model refuses in words is the asker's error."""
    try:
        return await answer
    except Refused:
        raise
    except CharnnError as error:
        raise Refused(400, str(error)) from None


def _row(found: Prediction, top: int, below: float, tokens: str) -> Answer:
    """One name's answer: of a batch for several requests, what this one has asked for."""
    ranking = found.ranking[:top]
    if ranking and ranking[0][1] < below:
        ranking = []
    return found._replace(ranking=ranking).to_dict(tokens)


def _labels(ranking: list[tuple[str, float]]) -> list[Answer]:
    return [{"label": label, "probability": probability} for label, probability in ranking]


def _beliefs(model: Any, name: str, top: int) -> tuple[Any, list[list[tuple[str, float]]]]:
    """The letters (or words) of a name as they are read, and the labels after each."""
    (letters,) = model.read([name])
    with np.errstate(divide="ignore"):
        return letters, model.rank(np.log(model.beliefs(name)), top)


# ---------------------------------------------------------------- the answers, as JSON Schema


def _object(**properties: Any) -> Mapping[str, Any]:
    return {"type": "object", "properties": properties, "required": [*properties]}


def _list(of: Any) -> Mapping[str, Any]:
    return {"type": "array", "items": of}


TEXT, NUMBER = {"type": "string"}, {"type": "number"}
FLAG, MAYBE = {"type": "boolean"}, {"type": ["string", "null"]}
PROBABILITY = {"type": "number", "minimum": 0, "maximum": 1}
RANKING = _list(_object(label=TEXT, probability=PROBABILITY))
PREDICTED = _object(
    model=TEXT,
    answers=_list(
        _object(name=TEXT, predictions=RANKING, unlike_training=FLAG, several_words=FLAG)
    ),
)
BELIEFS = _object(model=TEXT, name=TEXT, letters=_list(_object(letter=TEXT, predictions=RANKING)))
GENERATED = _object(model=TEXT, texts=_list(_object(text=TEXT, label=MAYBE, bits_per_char=NUMBER)))
SCORED = _object(
    model=TEXT,
    text=TEXT,
    label=MAYBE,
    bits_per_char=NUMBER,
    letters=_list(_object(letter=TEXT, bits=NUMBER)),
)
MODELS = _object(
    models=_list(
        _object(
            name=TEXT,
            task=TEXT,
            reads=TEXT,
            labels=_list(TEXT),
            digest=TEXT,
            figures={"type": "object"},
        )
    )
)
HEALTH = _object(status=TEXT)
