"""What a line of text looks like: size, sentence, headline, name. Pure functions of one string."""

from __future__ import annotations

import re

SPACELESS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
"""Scripts written without spaces between words: Thai, Lao, Burmese, Khmer, Japanese, Chinese."""
CHARACTERS_PER_WORD = 2
"""Mean length of a word in those scripts."""

PROSE_WORDS = 12
"""From this size on a finished sentence counts as running text (seen: captions and headlines end earlier)."""
HEADLINE_WORDS = range(3, 31)
HEADLINE_CHARACTERS = 220
PARAGRAPH_CHARACTERS = 120
"""A line longer than this is a paragraph of its own; hard-wrapped text and verse have shorter lines."""
LONG_WORDS = 40
"""From this size on a line is running text whatever its last character is."""

FINAL = re.compile(r"[.!?…。！？।؟۔]['\"”’»›“)\]」』】]*(?:\s?\[\d+\])?$")
"""The end of a sentence, closing quotes, brackets and a reference mark included …"""
FINAL_CHARACTERS = 24
"""… which are no longer than this."""
ITEM = re.compile(r"(?:[-*•·‣▪◦●○■□►▶➤✓–—>]|\(?\d{1,2}[.)]|\[\d{1,3}\]|\(?[a-z][.)])\s+(?=\S)")
"""A list marker with the space behind it."""
COLON = (":", "：")
"""A line that ends so announces what stands below it; the second is the full-width one of Chinese and Japanese."""

_COLUMNS = re.compile(r"\t|[ \xa0]{3,}")
"""White space that sets columns: twice in a line, it is a table."""
_CAPITAL = re.compile(r"[^\W\d_]")
_SMALL_WORDS = frozenset(
    "a an and as at but by for from in into is nor not of off on onto or over per so than that the to up v via vs with yet "
    "are be has have was were after before it its".split()
)


def spaceless(text: str) -> int:
    """Number of characters of scripts without spaces."""
    return 0 if text.isascii() else len(SPACELESS.findall(text))


def size(text: str) -> int:
    """Number of words; two characters of a script without spaces count as one."""
    return len(text.split()) + spaceless(text) // CHARACTERS_PER_WORD


def ends_sentence(text: str) -> bool:
    """True if the text ends as a sentence does."""
    return FINAL.search(text, max(0, len(text) - FINAL_CHARACTERS)) is not None


def is_prose(words: int, *, finished: bool) -> bool:
    """True if a text of so many words reads as running text: a sentence of some length, or very many words."""
    return words >= LONG_WORDS or (words >= PROSE_WORDS and finished)


def is_paragraph(text: str) -> bool:
    """True if the line is too long to be one of several that make a paragraph."""
    return len(text) > PARAGRAPH_CHARACTERS or len(text) + spaceless(text) > PARAGRAPH_CHARACTERS


def has_columns(text: str) -> bool:
    """True if the line looks like a row of a table."""
    return len(_COLUMNS.findall(text)) > 1


def unmarked(text: str) -> str:
    """The text without a list marker in front."""
    found = ITEM.match(text)
    return text[found.end() :] if found else text


def is_headline(text: str, words: int) -> bool:
    """True if the text could be a headline: some words, no sentence end, no list marker, not all digits.

    Questions and exclamations are headlines, too; a trailing comma, colon or semicolon is none.
    """
    if words not in HEADLINE_WORDS or len(text) > HEADLINE_CHARACTERS or ITEM.match(text):
        return False
    if text[-1] in ",;:" or (text[-1] in ".。" and not text.endswith(("...", "U.S.", "Inc.", "Co."))):
        return False
    return _CAPITAL.search(text) is not None


def title_case(text: str) -> float:
    """Share of capitalized words among the words that title case capitalizes (0 if there are none).

    Means little in scripts without capitals and in German, where nouns have them anyway.
    """
    words = [word for word in re.findall(r"[^\W\d_][\w'’-]*", text) if word.casefold() not in _SMALL_WORDS]
    if not words:
        return 0.0
    capitalized: int = sum(word[0].isupper() for word in words)
    return capitalized / len(words)
