"""Mentions in an article's credits: who reported, wrote and edited it is not who it is about.

Agencies end a text with "(Reporting by Ann Lee in Oslo; Editing by Bo Ek)", papers begin one with "By ANN LEE". What is
mentioned there stays a mention, but of no entity: else editors would be the people most written about, and the
agency's offices the places. The forms were written while looking at agency texts and newspaper pages.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from transforms.enrich.mentions.patterns import Bodies
from transforms.enrich.mentions.placing import article_numbers, batch_places

#: Part of the engine version; to be raised whenever another mention may count as a credit.
CREDITS_VERSION: Final = 1

_WORK: Final = "(?:[Rr]eport(?:ing|ed)|[Ww]rit(?:ing|ten)|[Ee]dit(?:ing|ed)|[Cc]ompiled|[Tt]ranslat(?:ing|ed))"
_OPENING: Final = rf"(?:(?:[Aa]dditional|[Ff]urther) )?{_WORK}(?:(?:,| and|,? &) {_WORK})* by "
_BIG: Final = r"\p{Lu}"
_BYLINE: Final = rf"^(?:By|BY) {_BIG}"
#: Every credit but a byline has it; it begins with one of a few words, which are found faster than anything else.
_WORK_OF: Final = rf"{_WORK}(?:,| and|,? &| by) "
_CREDITS: Final = (
    # Up to the bracket that closes it, or the end of the line where that was forgotten; other brackets may stand in it.
    rf"\(+ ?{_OPENING}{_BIG}(?:[^()\n]|\([^()\n]*\))*"
    rf"|(?m:^){_OPENING}{_BIG}[^\n]{{2,300}}(?m:$)"
    rf"|{_BYLINE}[^\n]{{2,80}}(?m:$)"
)


def in_credits(mentions: pl.DataFrame, articles: pl.DataFrame) -> pl.Series:
    """Whether each mention (``article_id, start_char``) starts in the credits of its article (``article_id, body``).

    One value per row of ``mentions``, whose articles are all among ``articles``.
    """
    bodies = articles["body"]
    few = (bodies.str.contains(_WORK_OF) | bodies.str.contains(_BYLINE)).arg_true()
    credited = Bodies.of(bodies.gather(few))
    matches = credited.find(_CREDITS)
    body_nos = few.cast(pl.Int64).to_numpy()[matches.body_nos]
    starts, ends = (batch_places(body_nos, chars) for chars in credited.chars(matches))
    places = batch_places(article_numbers(mentions, articles), mentions["start_char"].to_numpy())
    last = np.searchsorted(starts, places, side="right") - 1
    is_inside = (last >= 0) & (places < np.append(ends, 0)[last])
    return pl.Series("is_credit", is_inside, dtype=pl.Boolean)
