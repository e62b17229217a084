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


def _rules() -> Recogniser:
    from transforms.enrich.mentions.rules import RuleRecogniser  # ruff: ignore[import-outside-top-level] - what is not used is not loaded

    return RuleRecogniser()


#: Every recogniser, by the name that settings and the column ``mentions.recogniser`` use.
RECOGNISERS: Mapping[str, Callable[[], Recogniser]] = MappingProxyType({"rules": _rules})


@cache
def recogniser(name: str) -> Recogniser:
    """The recogniser of that name, built on the first call in this process."""
    if name not in RECOGNISERS:
        msg = f"There is no mention recogniser called {name!r}; there are: {', '.join(sorted(RECOGNISERS))}."
        raise ValueError(msg)
    return RECOGNISERS[name]()
