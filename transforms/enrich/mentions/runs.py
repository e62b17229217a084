"""Finds the runs of tokens that may be names, and cuts those that hold two."""

from __future__ import annotations

import numpy as np

from transforms.enrich.mentions.code_points import Bools
from transforms.enrich.mentions.joins import find_joins, find_list_joins
from transforms.enrich.mentions.lexicon import BEFORE_FOR, GENERIC, HEADS, SURE_NAME, SURE_PLACE, Cue, Name, has
from transforms.enrich.mentions.phrases import Phrases
from transforms.enrich.mentions.reading import Reading
from transforms.enrich.mentions.spans import TokenSpans, spans_of
from transforms.enrich.mentions.tokens import following, previous
from transforms.enrich.mentions.words import find_name_words


def find_runs(reading: Reading, phrases: Phrases) -> TokenSpans:
    """The runs that may be names."""
    in_phrase = phrases.spans.cover(len(reading))
    words = find_name_words(reading, in_phrase)
    lists = find_list_joins(reading, words)
    in_known_name = in_phrase | reading.is_known(SURE_PLACE | Name.GROUP | Name.ORGANISATION)
    members = words | lists | find_joins(reading, words, in_known_name)

    may_split = ~phrases.spans.insides(len(reading))
    splits = _opens_person(reading, phrases, members) & may_split
    runs = spans_of(members, splits)
    members &= ~(lists & ~_has_list_of_fields(reading, runs, members))
    splits |= _follows_group(reading, runs) & may_split
    return _without_lone_words(reading, spans_of(members, splits), in_phrase)


def _opens_person(reading: Reading, phrases: Phrases, members: Bools) -> Bools:
    """Given names behind a name of something else: "China | Bunyad Huseynov"."""
    tokens = reading.tokens
    ends_name = reading.is_known(SURE_PLACE) & ~reading.has(Cue.GIVEN_NAME)
    ends_name |= reading.is_known(Name.GROUP)
    ends_name |= reading.has(Cue.FIELD | Cue.ORGANISATION_HEAD) & members
    # "the IEERCAS | Sun Zhuangzhi", but not "J.K. Rowling"
    ends_name |= tokens.is_all_capitals & ~tokens.ends_in_stop
    ends_name[phrases.spans.lasts[has(phrases.names, SURE_PLACE | Name.GROUP)]] = True
    opens = reading.has(Cue.GIVEN_NAME) & ~tokens.is_all_capitals & following(members & tokens.is_capitalised)
    return opens & previous(ends_name) & ~following(reading.has(HEADS))


def _follows_group(reading: Reading, runs: TokenSpans) -> Bools:
    """Words behind a leading "Chinese" or "Azerbaijani" in runs that no head makes one name."""
    head_counts = np.cumsum(reading.has(HEADS))
    leads = reading.is_known(Name.GROUP)[runs.firsts] & (runs.lasts > runs.firsts)
    leads &= head_counts[runs.lasts] == head_counts[runs.firsts]
    follows = np.zeros(len(reading), np.bool_)
    follows[runs.firsts[leads] + 1] = True
    return follows & ~reading.tokens.is_glued


def _has_list_of_fields(reading: Reading, runs: TokenSpans, members: Bools) -> Bools:
    """(n) Tokens of runs whose list of fields belongs to an organisation.

    Either it stands behind a leading word ("Institute of East European, Russian and Central Asian
    Studies") or before a head ("Securities and Exchange Commission").
    """
    lead_counts = np.cumsum(reading.has(BEFORE_FOR) & members)
    has_lead = lead_counts[runs.lasts] > previous(lead_counts)[runs.firsts]
    ends_in_field = reading.has(Cue.FIELD)[runs.lasts]
    ends_in_head = reading.has(Cue.ORGANISATION_HEAD | Cue.WORK_HEAD)[runs.lasts]
    return runs.where(ends_in_head | ends_in_field & has_lead).cover(len(reading))


def _without_lone_words(reading: Reading, runs: TokenSpans, in_phrase: Bools) -> TokenSpans:
    """The runs without those of one initial, one generic word or one small word."""
    tokens = reading.tokens
    is_initial = (tokens.lengths == len("W.")) & tokens.ends_in_stop
    # "Plan B." at the end of a sentence: the letter is no initial.
    runs = TokenSpans(runs.firsts, runs.lasts - (is_initial[runs.lasts] & (runs.lasts > runs.firsts)))

    is_sure = reading.is_known(SURE_NAME) | reading.has(Cue.GIVEN_NAME) | tokens.is_all_capitals
    is_empty = is_initial | ~tokens.is_capitalised | reading.has(GENERIC) & ~is_sure
    return runs.where((runs.firsts < runs.lasts) | ~is_empty[runs.firsts] | in_phrase[runs.firsts])
