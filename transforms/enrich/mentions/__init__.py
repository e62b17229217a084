"""Mention recognisers: the spans of text that name a person, an organisation, a place, a date.

A recogniser is registered by name and built when it is first asked for, once per process: its lexicon or
model is then shared by all batches. To add one, write a class that satisfies `Recogniser` and list it in
`RECOGNISERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType

from transforms.enrich.mentions.recogniser import Recogniser


class UnknownRecogniserError(ValueError):
    """No recogniser has this name, or it cannot be used as it was named."""


def _rules() -> Recogniser:
    from transforms.enrich.mentions.rules import RuleRecogniser  # ruff: ignore[import-outside-top-level] - what is not used is not loaded

    return RuleRecogniser()


def _spacy(model: str) -> Recogniser:
    from transforms.enrich.mentions.spacy_model import SpacyRecogniser  # ruff: ignore[import-outside-top-level] - an optional dependency

    return SpacyRecogniser(model)


def _gliner(model: str) -> Recogniser:
    from transforms.enrich.mentions.gliner_model import GlinerRecogniser  # ruff: ignore[import-outside-top-level] - an optional dependency

    return GlinerRecogniser(model)


def _crf() -> Recogniser:
    from transforms.enrich.mentions.crf.recogniser import CrfRecogniser  # ruff: ignore[import-outside-top-level] - what is not used is not loaded

    return CrfRecogniser()


#: Dateline's own recognisers, by the name that settings and the column ``mentions.recogniser`` use.
RECOGNISERS: Mapping[str, Callable[[], Recogniser]] = MappingProxyType({"crf": _crf, "rules": _rules})

#: Those that run a model of the user's choice, named behind a colon; and the model that they run without one.
MODEL_RECOGNISERS: Mapping[str, tuple[Callable[[str], Recogniser], str]] = MappingProxyType({
    "spacy": (_spacy, "en_core_web_sm"),
    "gliner": (_gliner, "urchade/gliner_small-v2.1"),
})


def check_recognisers(specs: str) -> None:
    """Raise ``UnknownRecogniserError`` unless these are names of recognisers, by commas; nothing is loaded."""
    for spec in specs.split(","):
        _check_recogniser(spec)
    if len(set(specs.split(","))) < len(specs.split(",")):
        raise UnknownRecogniserError(f"a recogniser is named twice in {specs!r}")


def _check_recogniser(spec: str) -> None:
    name, _, model = spec.partition(":")
    if name not in MODEL_RECOGNISERS and (name not in RECOGNISERS or model):
        known = ", ".join([*sorted(RECOGNISERS), *(f"{each}:MODEL" for each in sorted(MODEL_RECOGNISERS))])
        raise UnknownRecogniserError(f"no mention recogniser is called {spec!r}; there are: {known}")


@cache
def recogniser(spec: str) -> Recogniser:
    """The recogniser of that name, as ``rules`` or ``spacy:en_core_web_sm``, built on the first call in this process.

    Raises ``UnknownRecogniserError``.
    """
    _check_recogniser(spec)
    name, _, model = spec.partition(":")
    if name in RECOGNISERS:
        return RECOGNISERS[name]()
    build, default_model = MODEL_RECOGNISERS[name]
    return build(model or default_model)
