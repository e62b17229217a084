"""Decides which capitalised words can be part of a name."""

from __future__ import annotations

from transforms.enrich.mentions.code_points import Bools
from transforms.enrich.mentions.lexicon import BEFORE_OF, GENERIC, SURE_NAME, SURE_PLACE, Cue, Name
from transforms.enrich.mentions.reading import Reading
from transforms.enrich.mentions.tokens import following, previous

#: A word in capitals of so many letters may be an acronym that reads like a word ("AIM").
_MAX_ACRONYM_WORD_CHARS = 3


def find_name_words(reading: Reading, in_phrase: Bools) -> Bools:
    """(n) The words that a name can be made of; words of known phrases always are."""
    words = _can_be_in_name(reading) | in_phrase
    return words & (in_phrase | ~_has_misleading_capital(reading, words))


def _can_be_in_name(reading: Reading) -> Bools:
    """Capitalised words without titles, function words, dates and abbreviations that name nothing."""
    tokens = reading.tokens
    # As in "Evansville, IN" and "(D-OR)".
    is_state = reading.has(Cue.STATE_CODE) & tokens.is_all_capitals & previous(tokens.is_mark(",-"))
    is_sure = reading.is_known(SURE_NAME) | is_state
    is_given_inside = reading.has(Cue.GIVEN_NAME) & ~reading.starts_sentence
    words = tokens.is_capitalised & ~(reading.has(Cue.FUNCTION) & ~is_given_inside & ~is_sure)
    # A letter alone is a name only between others: "Harry S Truman".
    words &= (tokens.lengths > 1) | (previous(words) & following(words))

    is_title = reading.has(Cue.TITLE) & ~is_given_inside
    before_head = following(reading.has(Cue.ORGANISATION_HEAD | Cue.EVENT_HEAD) & tokens.is_capitalised)
    in_office = previous(reading.is_one_of("of")) & previous(reading.has(Cue.ORGANISATION_LEAD), 2)
    words &= ~(is_title & ~before_head & ~in_office) & ~_is_portfolio(reading)

    is_date_word = reading.has(Cue.MONTH | Cue.WEEKDAY)
    words &= ~(is_date_word & ~previous(reading.has(Cue.GIVEN_NAME) & words))
    is_suffix = reading.has(Cue.SUFFIX) & previous(words)
    names_nothing = reading.has(Cue.NOT_NAME) & ~is_suffix
    # "32 KO", "4.85 ERA"
    names_nothing |= tokens.is_all_capitals & previous(tokens.is_number)
    # "FOR IMMEDIATE RELEASE" within a line of small letters
    names_nothing |= tokens.is_all_capitals & reading.has(Cue.COMMON) & (tokens.lengths > _MAX_ACRONYM_WORD_CHARS)
    words &= is_sure | ~names_nothing
    words &= ~_is_of_a_sum(reading)
    return words & (~reading.is_shouted | reading.is_known(SURE_PLACE | Name.GROUP))


def _is_of_a_sum(reading: Reading) -> Bools:
    """What tells the currency of a sum in capitals: "EUR 300", "5 USD", "US$100", "HK$ 20"."""
    tokens = reading.tokens
    is_code = reading.has(Cue.CURRENCY_CODE) & tokens.is_all_capitals
    is_nation = tokens.is_all_capitals & following(tokens.is_mark("$") & tokens.is_glued)
    return is_code & (previous(tokens.is_number) | following(tokens.is_number)) | is_nation


def _is_portfolio(reading: Reading) -> Bools:
    """The fields beside a title: "Secretary of State", "Minister of Foreign Affairs", "Foreign Minister"."""
    is_field = reading.has(Cue.FIELD) | reading.is_one_of("state", "staff", "mission")
    is_title = reading.has(Cue.TITLE) & reading.tokens.is_capitalised
    behind_title = is_field & previous(reading.is_one_of("of", "for") & previous(is_title))
    behind_title |= is_field & previous(behind_title)
    before_title = is_field & following(is_title)
    before_title |= is_field & following(before_title)
    return behind_title | before_title


def _has_misleading_capital(reading: Reading, words: Bools) -> Bools:
    """Words that nothing but their capital makes a name, where that may come from the place they stand in.

    A name is shown by the lexicon or by the same word with a capital elsewhere in the article, inside a
    sentence; against it speak common words, verb endings and the same word without a capital. The same two
    words elsewhere outweigh all of these ("Offshore Data Services").
    """
    is_sure = reading.is_known(SURE_NAME) | reading.tokens.is_all_capitals
    is_personal = reading.has(Cue.GIVEN_NAME)
    follows_given_name = previous(words & is_personal) & ~reading.has(GENERIC)
    is_last = ~following(words)

    is_unproven = ~is_sure & ~is_personal & ~(reading.is_seen_capital & ~reading.has(Cue.COMMON))
    is_common = reading.has(Cue.COMMON) | reading.is_seen_small | _ends_like_a_verb(reading)
    misleading = is_unproven & (is_common | (is_last | reading.is_heading) & ~follows_given_name)
    misleading |= reading.is_seen_small & ~is_sure & ~reading.is_seen_capital & (is_last | ~is_personal)

    # Inside a sentence, a word alone that the article also prints without a capital.
    is_alone = words & is_last & ~previous(words)
    is_word = is_alone & reading.is_seen_small & ~is_sure & ~is_personal
    is_word &= ~previous(reading.has(Cue.TITLE)) & ~reading.has(Cue.FIELD)
    is_word &= ~(reading.has(BEFORE_OF) & following(reading.is_one_of("of", "for", "on")))
    return reading.is_weak & misleading & ~reading.is_seen_in_pair | is_word


def _ends_like_a_verb(reading: Reading) -> Bools:
    """Ends in -ing, -ed or -ly, as words that open a sentence often do."""
    tokens = reading.tokens
    points, ends = tokens.text.code_points, tokens.ends
    last, second, third = points[ends - 1], points[ends - 2], points[ends - 3]
    ending = (last == ord("g")) & (second == ord("n")) & (third == ord("i"))
    ending |= (last == ord("d")) & (second == ord("e"))
    ending |= (last == ord("y")) & (second == ord("l"))
    ends_like_a_verb: Bools = ending & (tokens.lengths > len("-ing"))
    return ends_like_a_verb
