"""Page size and sampling by model, from ``models.json``, which the project writes from its own table of models."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True)
class ModelSettings:
    """How one model wants its pages."""

    id: str
    longest_side_pixels: int
    temperature: float
    top_p: float
    max_tokens: int


def _load() -> tuple[ModelSettings, ...]:
    text = files(__package__).joinpath("models.json").read_text(encoding="utf8")
    return tuple(ModelSettings(**entry) for entry in json.loads(text))


MODELS = _load()


def settings_of(model: str) -> ModelSettings:
    """Settings of a model, by the end of its name (``org/NAME`` or ``NAME``); those of the first in the table where it is not known."""
    name = model.rsplit("/", 1)[-1]
    return next((known for known in MODELS if known.id.rsplit("/", 1)[-1] == name), MODELS[0])
