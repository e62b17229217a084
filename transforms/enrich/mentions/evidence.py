"""What speaks for which type of a name: a table of rules, each worth some points.

The type with the most points wins. The points are judgements, tuned by hand on the training texts of
Wikigold and GUM; they are no probabilities, and neither is the score made from them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from transforms.enrich.mentions.candidates import Candidates
from transforms.enrich.mentions.code_points import Bools
from transforms.enrich.mentions.lexicon import SURE_PLACE, Cue, Name, has
from transforms.enrich.mentions.reading import Reading

Points: TypeAlias = npt.NDArray[np.float64]

#: The order of the columns of every points array.
TYPES = ("PERSON", "ORGANISATION", "PLACE", "GROUP", "EVENT", "OTHER")
PERSON, ORGANISATION, PLACE, GROUP, EVENT, OTHER = range(6)

#: More words than any name has.
_ANY_NUMBER = 1_000
_PLACE_ENDINGS = (
    "ville", "shire", "stan", "burg", "burgh", "land", "ford", "grad", "pur", "abad", "wick", "port", "minster",
    "chester", "borough", "bury", "mouth", "haven", "heim", "polis", "dorf", "gorod", "ovo", "ham",
)  # fmt: skip
_OPENING_QUOTES = "\"'\N{LEFT DOUBLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}"
_CLOSING_QUOTES = "\"'\N{RIGHT DOUBLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK},"


@dataclass(frozen=True)
class Evidence:
    """A rule: candidates for which it holds get points for a type."""

    reason: str
    mention_type: int
    points: float
    holds: Callable[[Candidates], Bools]


def _initials(reading: Reading) -> Bools:
    """Single capitals with a full stop: "W."."""
    tokens = reading.tokens
    is_initial: Bools = (tokens.lengths == len("W.")) & tokens.is_capitalised & tokens.ends_in_stop
    return is_initial


def _common_words(reading: Reading) -> Bools:
    """Capitalised words that are ordinary ones elsewhere and no names of people."""
    is_personal = reading.has(Cue.GIVEN_NAME | Cue.FAMILY_NAME)
    return reading.has(Cue.COMMON) & reading.tokens.is_capitalised & ~is_personal


def _is_before_who(candidates: Candidates) -> Bools:
    """As in "Malala Yousafzai, who"."""
    is_who = candidates.reading.is_one_of("who", "whose")
    return candidates.behind.is_one_of("who", "whose") | candidates.behind.is_mark(",") & is_who[candidates.lasts + 2]


def _is_part_of_place(candidates: Candidates) -> Bools:
    """As in "Northern Iraq"."""
    is_place = has(candidates.reading.names[candidates.lasts], SURE_PLACE)
    is_part: Bools = is_place & candidates.first.has(Cue.DIRECTION) & candidates.has_words(2, 2)
    return is_part


def _is_behind_place_noun(candidates: Candidates) -> Bools:
    """As in "the city of Ganja" and "south of Baku"."""
    return candidates.before.is_one_of("of") & candidates.reading.has(Cue.PLACE_NOUN)[candidates.firsts - 2]


def _is_before_place(candidates: Candidates) -> Bools:
    """As in "Evansville, Indiana"."""
    is_place = candidates.reading.is_known(Name.COUNTRY | Name.STATE | Name.REGION)
    return candidates.behind.is_mark(",") & is_place[candidates.lasts + 2]


def _is_dateline(candidates: Candidates) -> Bools:
    """In capitals at the start of a line, before a dash, a bracket or a comma: "BAGDAD - …"."""
    opens_line = candidates.reading.tokens.is_break[candidates.firsts - 1]
    return opens_line & candidates.is_acronym & candidates.behind.is_mark("-(,\N{EN DASH}\N{EM DASH}")


def _is_state_code(candidates: Candidates) -> Bools:
    """As in "Evansville, IN" and "(R-MO)"."""
    return candidates.before.is_mark(",-") & candidates.first.has(Cue.STATE_CODE) & candidates.is_acronym


def _is_quoted(candidates: Candidates) -> Bools:
    """In quotation marks, of which the closing one may stand behind a comma."""
    is_possessive = candidates.reading.tokens.lengths[candidates.lasts + 1] > 1
    return candidates.before.is_mark(_OPENING_QUOTES) & candidates.behind.is_mark(_CLOSING_QUOTES) & ~is_possessive


EVIDENCE: tuple[Evidence, ...] = (
    Evidence("one word", PERSON, 0.8, lambda c: ~c.is_multi),
    Evidence("two or three words", PERSON, 1.2, lambda c: c.has_words(2, 3) & ~c.has_of),
    Evidence("a given name", PERSON, 1.0, lambda c: c.first.has(Cue.GIVEN_NAME) & ~c.is_multi),
    Evidence("a given name and more", PERSON, 2.2, lambda c: c.first.has(Cue.GIVEN_NAME) & c.has_words(2, 5)),
    Evidence("a family name", PERSON, 0.8, lambda c: c.first.has(Cue.FAMILY_NAME) & ~c.is_multi),
    Evidence("a family name last", PERSON, 1.5, lambda c: c.last.has(Cue.FAMILY_NAME) & c.has_words(2, 4)),
    Evidence("an initial inside", PERSON, 2.0, lambda c: c.has_any(_initials(c.reading)) & c.is_multi),
    Evidence("a particle inside", PERSON, 1.0, lambda c: c.has_any(c.reading.has(Cue.PARTICLE)) & c.is_multi),
    Evidence("'Jr.' last", PERSON, 2.0, lambda c: c.last.has(Cue.SUFFIX) & c.is_multi),
    Evidence("a common word inside", PERSON, -1.5, lambda c: c.has_any(_common_words(c.reading)) & c.is_multi),
    Evidence("behind a title", PERSON, 3.0, lambda c: c.follows_title),
    Evidence("behind 'by', 'with', 'named'", PERSON, 0.4, lambda c: c.before.has(Cue.BEFORE_PERSON)),
    Evidence("behind a verb of speech", PERSON, 0.6, lambda c: c.before.has(Cue.SPEECH_VERB)),
    Evidence("before a verb of speech", PERSON, 1.2, lambda c: c.behind.has(Cue.SPEECH_VERB)),
    Evidence("before 'who'", PERSON, 1.5, _is_before_who),
    Evidence("behind 'the' or 'a'", PERSON, -1.8, lambda c: c.before.is_one_of("the", "a", "an")),
    Evidence("a known person", PERSON, 6.0, lambda c: c.is_known(Name.PERSON)),

    Evidence("'Ministry', 'Inc' last", ORGANISATION, 3.5, lambda c: c.last.has(Cue.ORGANISATION_HEAD) & c.is_multi),
    Evidence("'Ministry', 'Inc' inside", ORGANISATION, 1.5,
             lambda c: c.has_any(c.reading.has(Cue.ORGANISATION_HEAD)) & c.is_multi),
    Evidence("'Institute of', 'Center for'", ORGANISATION, 4.5, lambda c: has(c.cues_before_of, Cue.ORGANISATION_LEAD)),
    Evidence("a field of work last", ORGANISATION, 1.5, lambda c: c.last.has(Cue.FIELD) & c.is_multi),
    Evidence("an acronym", ORGANISATION, 2.0, lambda c: c.is_acronym),
    Evidence("an acronym with a small letter", ORGANISATION, 1.2, lambda c: c.is_mixed_acronym),
    Evidence("an ampersand inside", ORGANISATION, 2.5, lambda c: c.has_any(c.reading.tokens.is_mark("&"))),
    Evidence("four words or more", ORGANISATION, 1.0, lambda c: c.has_words(4, _ANY_NUMBER)),
    Evidence("behind 'the' or 'a'", ORGANISATION, 1.0, lambda c: c.before.is_one_of("the", "a", "an")),
    Evidence("behind 'company', 'newspaper'", ORGANISATION, 1.5, lambda c: c.before.has(Cue.ORGANISATION_NOUN)),
    Evidence("before 'party', 'newspaper'", ORGANISATION, 1.5, lambda c: c.behind.has_small(Cue.ORGANISATION_NOUN)),
    Evidence("a known organisation", ORGANISATION, 8.0, lambda c: c.is_known(Name.ORGANISATION)),

    Evidence("'River', 'Street' last", PLACE, 3.2, lambda c: c.last.has(Cue.PLACE_HEAD) & c.is_multi),
    Evidence("'Mount', 'Lake' first", PLACE, 2.2,
             lambda c: c.first.has(Cue.PLACE_LEAD) & c.is_multi & ~c.first.has(Cue.DIRECTION)),
    Evidence("'Gulf of', 'Republic of'", PLACE, 3.0, lambda c: has(c.cues_before_of, Cue.PLACE_LEAD | Cue.PLACE_HEAD)),
    Evidence("a direction and a place", PLACE, 3.5, _is_part_of_place),
    Evidence("ends like a place", PLACE, 0.9, lambda c: c.ends_with(_PLACE_ENDINGS) & c.has_words(1, 2)),
    Evidence("behind 'in', 'at', 'near'", PLACE, 1.5, lambda c: c.before.has(Cue.PLACE_PREPOSITION)),
    Evidence("behind 'to', 'from'", PLACE, 0.5, lambda c: c.before.has(Cue.MOTION)),
    Evidence("behind 'city of', 'south of'", PLACE, 2.5, _is_behind_place_noun),
    Evidence("before 'river', 'province'", PLACE, 1.2, lambda c: c.behind.has_small(Cue.PLACE_HEAD)),
    Evidence("before a comma and a place", PLACE, 2.5, _is_before_place),
    Evidence("in a dateline", PLACE, 3.0, _is_dateline),
    Evidence("the code of a state", PLACE, 8.0, _is_state_code),
    Evidence("a smaller city", PLACE, 1.3, lambda c: c.is_known(Name.CITY)),
    Evidence("a smaller city of two words", PLACE, 1.7, lambda c: c.is_known(Name.CITY) & c.is_multi),
    Evidence("a country, region, state or large city", PLACE, 8.0, lambda c: c.is_known(SURE_PLACE)),

    Evidence("ends in -ians", GROUP, 2.0, lambda c: c.ends_with(["ians"]) & ~c.is_multi),
    Evidence("a people or a faith", GROUP, 8.0, lambda c: c.is_known(Name.GROUP)),

    Evidence("'Summit', 'War' last", EVENT, 3.6, lambda c: c.last.has(Cue.EVENT_HEAD) & c.is_multi),
    Evidence("'Hurricane', 'Operation' first", EVENT, 3.0,
             lambda c: c.first.has(Cue.EVENT_LEAD) & c.is_multi & ~c.first.has(Cue.ORGANISATION_LEAD) & ~c.has_of),
    Evidence("'Battle of', 'Summit on'", EVENT, 4.0,
             lambda c: has(c.cues_before_of, Cue.EVENT_LEAD) & ~has(c.cues_before_of, Cue.ORGANISATION_LEAD)),
    Evidence("a climate conference", EVENT, 8.0, lambda c: np.isin(c.hashes, c.reading.lexicon.climate_conferences)),
    Evidence("a known event", EVENT, 8.0, lambda c: c.is_known(Name.EVENT)),

    Evidence("'Act', 'Award', 'Initiative' last", OTHER, 3.6, lambda c: c.last.has(Cue.WORK_HEAD) & c.is_multi),
    Evidence("'Convention on', 'Treaty of'", OTHER, 3.5,
             lambda c: has(c.cues_before_of, Cue.WORK_HEAD) & ~has(c.cues_before_of, Cue.ORGANISATION_LEAD)),
    Evidence("a common word inside", OTHER, 0.8, lambda c: c.has_any(_common_words(c.reading)) & c.is_multi),
    Evidence("letters and digits", OTHER, 2.2, lambda c: c.has_any(c.reading.tokens.has_digit)),
    Evidence("in quotation marks", OTHER, 2.5, _is_quoted),
    Evidence("a known work, law or idea", OTHER, 8.0, lambda c: c.is_known(Name.OTHER)),
)  # fmt: skip


def weigh(candidates: Candidates) -> Points:
    """(m, types) The points of every candidate for every type."""
    points = np.zeros((len(candidates), len(TYPES)))
    for evidence in EVIDENCE:
        points[:, evidence.mention_type] += evidence.points * evidence.holds(candidates)
    return points


def confidence(points: Points) -> npt.NDArray[np.float64]:
    """(m) A score in 0.3 … 0.95 that grows with the winner's points and its lead over the second.

    It orders mentions by how much speaks for them; it is not a calibrated probability.
    """
    ordered = np.sort(points, axis=1)
    best, second = ordered[:, -1], ordered[:, -2]
    scores: npt.NDArray[np.float64] = np.clip(0.3 + 0.08 * best + 0.07 * (best - second), 0.3, 0.95).round(2)
    return scores
