"""Makes headlines of annotated texts, so that the model learns to read where capitals mean nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from transforms.enrich.mentions.train.annotations import Annotated

#: One text in so many becomes a headline, alternately in capitals and with a capital for every word.
_ONE_IN = 8
_WORD = re.compile(r"\b[^\W\d_]")
#: Headline style leaves small words small.
_SMALL_WORD = re.compile(r"\b(?:A|An|And|As|At|By|For|From|In|Of|On|Or|The|To|With|Is)\b(?!\.)")


def headlines_of(texts: Sequence[Annotated]) -> list[Annotated]:
    """Some of the texts as headlines; texts whose capitals take another number of characters are left out."""
    return [
        text
        for number, change in enumerate((str.upper, title_case))
        for text in changed(texts[number * _ONE_IN // 2 :: _ONE_IN], change)
    ]


def changed(texts: Sequence[Annotated], change: Callable[[str], str]) -> list[Annotated]:
    """The texts in other letters, without those that come out longer or shorter."""
    made = [text._replace(text=change(text.text)) for text in texts]
    return [new for new, old in zip(made, texts, strict=True) if len(new.text) == len(old.text)]


def title_case(text: str) -> str:
    """With a capital for every word but the small ones: "Bank of England Is Said to Wait"."""
    capitalised = _WORD.sub(lambda letter: letter.group().upper(), text)
    return _SMALL_WORD.sub(lambda word: word.group().lower(), capitalised)
