"""Makes headlines of annotated texts, so that the model learns to read where capitals mean nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from transforms.enrich.mentions.train.annotations import Annotated

#: One text in so many becomes a headline, alternately in capitals and with a capital for every word.
_ONE_IN = 8
_WORD = re.compile(r"\b[^\W\d_]")
#: Headline style leaves small words small.
_SMALL_WORD = re.compile(r"\b(?:A|An|And|As|At|By|For|From|In|Of|On|Or|The|To|With|Is)\b(?!\.)")


def headlines_of(texts: Sequence[Annotated]) -> list[Annotated]:
    """Some of the texts as headlines; texts whose capitals take another number of characters are left out."""
    made = [
        text._replace(text=change(text.text))
        for number, change in enumerate((str.upper, _title_case))
        for text in texts[number * _ONE_IN // 2 :: _ONE_IN]
    ]
    originals = [text for number in range(2) for text in texts[number * _ONE_IN // 2 :: _ONE_IN]]
    return [new for new, old in zip(made, originals, strict=True) if len(new.text) == len(old.text)]


def _title_case(text: str) -> str:
    capitalised = _WORD.sub(lambda letter: letter.group().upper(), text)
    return _SMALL_WORD.sub(lambda word: word.group().lower(), capitalised)
