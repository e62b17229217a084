"""Treaties, laws, plans and prizes: what is OTHER by the way it is named, whatever a model takes it for.

"United Nations Framework Convention on Climate Change" begins like a body and is a treaty: the word before "on" tells.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import polars as pl

from transforms.enrich.mentions.batch import Batch
from transforms.enrich.mentions.patterns import EDGE, span_mentions
from transforms.enrich.mentions.values.forms import Form, Forms

#: To be raised with every change of what is found.
WORKS_VERSION: Final = 1

# Latin letters: all letters of Unicode would make the automaton a hundred times as large.
_WORD: Final = r"(?:[A-ZÀ-ÖØ-ÞČĆĐĞİŁŚŞŠŻŽ](?:[A-Za-zÀ-ÖØ-öø-ɏ’'-]*[A-Za-zÀ-ÖØ-öø-ɏ])?|U\.N\.|U\.S\.)"
#: "and the" begins another name.
_JOINER: Final = r"(?:(?:of|for|in|to|against|with|between)(?: the)?|and(?: of| for)?|the)"
#: What states agree on, before "on" and its like.
_TREATY: Final = r"(?:Convention|Treaty|Protocol|Agreement|Declaration|Covenant|Accord|Pact|Compact|Charter|Statute)"
_TREATY_ENDS: Final = (
    r"(?:Agreement|Treaty|Protocol|Accords?|Declaration|Covenant|Pact|Compact|Charter|Statute|Consensus|Roadmap"
    r"|Constitution|Amendment|Manifesto|Doctrine|Memorandum)"
)
_PRIZE_ENDS: Final = r"(?:Act|Prize|Award|Awards|Medal|Trophy|Scholarship|Fellowship)"


@cache
def _forms() -> Forms:
    """How treaties, laws, plans and prizes are named."""
    tail = rf"(?:the )?{_WORD}(?:,? (?:{_JOINER} )?{_WORD}){{0,7}}"
    field = rf"(?: in {_WORD}(?: (?:{_JOINER} |or )?{_WORD}){{0,3}})?"
    return Forms((
        Form("treaty on", rf"{EDGE}(?:{_WORD} ){{0,5}}{_TREATY} (?:on|against|for|concerning) {tail}{EDGE}", 0.9),
        Form("treaty of", rf"{EDGE}(?:{_WORD} ){{0,3}}(?:Treaty|Charter|Declaration|Statute) of {tail}{EDGE}", 0.85),
        Form("article", rf"{EDGE}Article [0-9]+ of the (?:{_WORD} ){{1,3}}{_TREATY_ENDS}{EDGE}", 0.9),
        Form("treaty", rf"{EDGE}(?:{_WORD} ){{1,4}}{_TREATY_ENDS}{EDGE}", 0.85),
        Form("prize", rf"{EDGE}(?:{_WORD} ){{1,5}}{_PRIZE_ENDS}{field}{EDGE}", 0.85),
    ))


_SURE_FORMS: Final = ("treaty on", "treaty of", "article")

#: Names that begin so are sentences, or somebody's.
_NO_PART: Final = (
    r"^(?:The|A|An|This|That|These|Those|His|Her|Its|Their|Our|My|In|On|At|By|For|From|With|After|Before|Under|Since|And"
    r"|But|If|When|While|As|No|Every|Each|Any|Both|Another|New|First|Second|Last|Next|Old|Final|Draft) "
)


def is_work(names: pl.Series) -> pl.Series:
    """Has the whole of its name in one of the forms."""
    return names.str.contains(_forms().whole_pattern)


def find_works(batch: Batch) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Treaties by their subject, and other works: each ``MENTION_COLUMNS``, by article and place.

    A treaty's subject ("on", "against") leaves no doubt where it begins, whatever a model makes of the words before it.
    """
    bodies = batch.bodies
    forms = _forms()
    found = forms.find(bodies)
    leading = bodies.surfaces(found).str.extract(f"({_NO_PART})").fill_null("").str.len_bytes().to_numpy()
    found = found._replace(starts=found.starts + leading)
    # Without the word at its beginning it may be nothing: "The Agreement".
    readings = forms.read(bodies.surfaces(found)).with_row_index("row").filter(pl.col("form").is_not_null())
    is_sure = pl.col("form").is_in(_SURE_FORMS)
    treaties, others = (
        span_mentions(
            batch.articles,
            bodies,
            found.at(rows["row"].to_numpy()),
            "OTHER",
            rows["score"].to_numpy(),
        )
        for rows in (readings.filter(is_sure), readings.filter(~is_sure))
    )
    return treaties, others
