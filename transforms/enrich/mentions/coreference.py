"""Evidence from the rest of the article: lists, acronyms and their long forms, surnames, the same name again."""

from __future__ import annotations

import numpy as np

from transforms.enrich.mentions.candidates import Candidates
from transforms.enrich.mentions.code_points import Hashes
from transforms.enrich.mentions.evidence import ORGANISATION, PERSON, Points
from transforms.enrich.mentions.lexicon import Cue
from transforms.enrich.mentions.tokens import in_body

#: The share of its points that a name passes on to its neighbours in a list.
_LIST_SHARE = 0.25
#: Points of an acronym for the type of the long form that it is defined behind.
_DEFINED_POINTS = 4.0
#: Points of a surname or a short company name for the type of the long form in the same article.
_SHORT_FORM_POINTS = 2.5
#: Points of a given name alone, which another person may share.
_GIVEN_NAME_POINTS = 1.25


def with_article_evidence(candidates: Candidates, points: Points) -> Points:
    """The points with what the rest of each article says; equal names of an article end with equal points."""
    if len(candidates) == 0:
        return points
    points = points.copy()
    _share_in_lists(candidates, points)
    _follow_definitions(candidates, points)
    _follow_long_forms(candidates, points)
    return _mean_by_name(_names_in_body(candidates), points)


def _share_in_lists(candidates: Candidates, points: Points) -> None:
    """Names in a list are alike: in "Flanders, Picardy and France" all are places."""
    is_and, is_comma = candidates.reading.is_one_of("and", "or"), candidates.reading.tokens.is_mark(",")
    behind = candidates.lasts[:-1] + 1
    gap_tokens = candidates.firsts[1:] - behind
    is_listed = (gap_tokens == 1) & (is_and | is_comma)[behind]
    is_listed |= (gap_tokens == len((",", "and"))) & is_comma[behind] & is_and[behind + 1]
    shares = _LIST_SHARE * np.maximum(points, 0)
    points[1:] += np.where(is_listed[:, np.newaxis], shares[:-1], 0)
    points[:-1] += np.where(is_listed[:, np.newaxis], shares[1:], 0)


def _follow_definitions(candidates: Candidates, points: Points) -> None:
    """An acronym in brackets behind a name, and wherever else it stands, has the type of that name.

    Acronym and name must start with the same letter: "… Convention on Climate Change (COP29)" defines
    something else.
    """
    tokens = candidates.reading.tokens
    before = np.arange(len(candidates)) - 1
    gap_tokens = candidates.firsts - candidates.lasts[before] - 1
    is_adjacent = (gap_tokens == 1) | (gap_tokens == len((".", "("))) & tokens.is_mark(".")[candidates.firsts - 2]
    letters = tokens.first_points[candidates.firsts]
    is_defined = candidates.is_acronym | candidates.is_mixed_acronym
    is_defined &= candidates.before.is_mark("(") & candidates.behind.is_mark(")") & is_adjacent
    is_defined &= candidates.is_multi[before] & (letters == letters[before])

    names = _names_in_body(candidates)
    defined, position = np.unique(names[is_defined], return_index=True)
    if len(defined) > 0:
        types = points.argmax(axis=1)[before[is_defined]][position]
        at = np.minimum(np.searchsorted(defined, names), len(defined) - 1)
        is_short_form = defined[at] == names
        points[np.flatnonzero(is_short_form), types[at[is_short_form]]] += _DEFINED_POINTS


def _follow_long_forms(candidates: Candidates, points: Points) -> None:
    """Where "Bunyad Huseynov" is a person, so is "Huseynov"; where "Enron Corp" is an organisation, so is "Enron"."""
    words = candidates.reading.tokens.hashes_in_body
    firsts, lasts = words[candidates.firsts], words[candidates.lasts]
    types = points.argmax(axis=1)
    is_person = (types == PERSON) & candidates.is_multi
    is_company = (types == ORGANISATION) & candidates.has_words(2, 2) & candidates.last.has(Cue.ORGANISATION_HEAD)

    is_single = ~candidates.is_multi
    points[is_single & np.isin(lasts, lasts[is_person]), PERSON] += _SHORT_FORM_POINTS
    points[is_single & np.isin(firsts, firsts[is_person]), PERSON] += _GIVEN_NAME_POINTS
    points[is_single & np.isin(firsts, firsts[is_company]), ORGANISATION] += _SHORT_FORM_POINTS


def _names_in_body(candidates: Candidates) -> Hashes:
    """(m) Hashes of the names, equal only within an article."""
    return in_body(candidates.hashes, candidates.reading.tokens.bodies[candidates.firsts])


def _mean_by_name(names: Hashes, points: Points) -> Points:
    """(m, types) Every name's points, averaged over its mentions."""
    _, position, counts = np.unique(names, return_inverse=True, return_counts=True)
    means = [np.bincount(position, weights=column) / counts for column in points.T]
    return np.stack(means, axis=1)[position]
