"""Finds what joins capitalised words to one name: "of", particles, hyphens, "&", lists of fields."""

from __future__ import annotations

from transforms.enrich.mentions.code_points import LOWER, Bools
from transforms.enrich.mentions.lexicon import BEFORE_FOR, BEFORE_OF, SURE_NAME, Cue, Name
from transforms.enrich.mentions.reading import Reading
from transforms.enrich.mentions.tokens import following, previous

#: Words of `BEFORE_FOR` behind which "for" or "on" opens something else: "joined the league on Monday".
_NEVER_BEFORE_FOR = (
    "league", "club", "church", "house", "museum", "school", "university", "government", "army", "parliament",
    "party", "bank", "congress", "court", "senate", "ministry", "assembly", "library", "games", "festival",
)  # fmt: skip
#: The article in Arabic names, which a hyphen ties to the noun: "al-Maliki", "ash-Sharif".
_ARABIC_ARTICLES = ("al", "el", "ul", "ad", "an", "as", "ash")
_HYPHENS = "-\N{EN DASH}\N{NON-BREAKING HYPHEN}"
#: "un" in "Jong-un" and "moon" in "Ki-moon" are short.
_MAX_SMALL_HALF_CHARS = 5


def find_joins(reading: Reading, words: Bools, in_known_name: Bools) -> Bools:
    """(n) Small words, marks and numbers that belong to the names on both sides of them, or behind them.

    A hyphen between two known names joins nothing.
    """
    tokens = reading.tokens
    before, behind = previous(words), following(words)
    joins = _prepositions(reading, words) | _particles(reading, words) | _hyphens(reading, words, in_known_name)
    joins |= reading.tokens.is_mark("&") & before & behind

    # "People's Republic", "Veteran's Day"
    is_possessive = tokens.is_mark("'\N{RIGHT SINGLE QUOTATION MARK}") & (tokens.lengths == len("'s"))
    joins |= is_possessive & behind & previous(words & reading.has(Cue.POSSESSIVE_JOINER))
    # "St. Louis", "Robert Downey Jr. Foundation"
    is_stop = tokens.is_mark(".") & tokens.is_glued & previous(words & reading.has(Cue.ABBREVIATION))
    joins |= is_stop & behind & ~following(reading.starts_sentence)
    # "65th Air Division", "5th Circuit Court"
    is_head = words & reading.has(Cue.ORGANISATION_HEAD)
    is_ordinal = tokens.is_number & (tokens.lengths >= len("5th")) & (tokens.text.classes[tokens.ends - 1] == LOWER)
    joins |= is_ordinal & (following(is_head) | behind & following(is_head, 2))
    return joins


def find_list_joins(reading: Reading, words: Bools) -> Bools:
    """(n) Commas and "and" between fields of work or peoples: "Health, Education, Labor, and Pensions".

    Whether such a list is one name shows only from what is before and behind it.
    """
    listed = words & (reading.has(Cue.FIELD | Cue.DIRECTION) | reading.is_known(Name.GROUP))
    is_and, is_comma = reading.is_one_of("and"), reading.tokens.is_mark(",")
    before, behind = previous(listed), following(listed)
    joins = (is_and | is_comma) & before & behind
    joins |= is_comma & before & following(is_and) & following(listed, 2)
    return joins | is_and & previous(is_comma) & previous(listed, 2) & behind


def _prepositions(reading: Reading, words: Bools) -> Bools:
    """As in "Bank of Japan", "Committee on Finance", "Ministry of the Interior"."""
    # "Republic of Chad", but "Chittoor District | of Andhra Pradesh".
    is_later_lead = reading.has(Cue.PLACE_LEAD) & ~reading.has(Cue.ORGANISATION_LEAD) & previous(words)
    is_later_lead &= ~reading.is_one_of("republic", "kingdom")
    before_of = words & reading.has(BEFORE_OF) & ~is_later_lead
    before_for = words & reading.has(BEFORE_FOR) & ~reading.is_one_of(*_NEVER_BEFORE_FOR)
    is_preposition = previous(before_of) & reading.is_one_of("of")
    is_preposition |= previous(before_for) & reading.is_one_of("for", "on")

    behind = following(words)
    is_the = reading.is_one_of("the") & ~reading.tokens.is_capitalised
    return is_preposition & (behind | following(is_the & behind)) | is_the & previous(is_preposition) & behind


def _particles(reading: Reading, words: Bools) -> Bools:
    """As in "Ursula von der Leyen", "Luiz Inácio Lula da Silva"."""
    is_particle = reading.has(Cue.PARTICLE) & ~reading.tokens.is_capitalised
    opens, closes = is_particle & previous(words), is_particle & following(words)
    return opens & closes | opens & following(closes) | closes & previous(opens)


def _hyphens(reading: Reading, words: Bools, in_known_name: Bools) -> Bools:
    """As in "Jean-Claude", "al-Maliki", "Kim Jong-un", "COVID-19", but not in "Azerbaijan-China"."""
    tokens = reading.tokens
    is_hyphen = tokens.is_mark(_HYPHENS) & tokens.is_glued & following(tokens.is_glued)
    before, behind = previous(words), following(words)
    joins = is_hyphen & before & behind & ~(previous(in_known_name) & following(in_known_name))

    is_article = reading.is_one_of(*_ARABIC_ARTICLES) & ~tokens.is_capitalised & following(is_hyphen & behind)
    joins |= is_article | is_hyphen & previous(is_article)

    joins |= is_hyphen & before & following(tokens.is_number)
    joins |= tokens.is_number & previous(is_hyphen & before)

    # The second half of a Korean or Chinese given name, behind a family name.
    is_small_half = tokens.is_word & ~tokens.is_capitalised & (tokens.lengths <= _MAX_SMALL_HALF_CHARS)
    is_small_half &= previous(is_hyphen & before & previous(words, 2) & ~previous(reading.is_known(SURE_NAME)))
    return joins | is_small_half | is_hyphen & following(is_small_half)
