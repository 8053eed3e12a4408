"""Names of people: what looks like one, and how a list of them is cut."""

from __future__ import annotations

import re

_PARTICLES = "van von der den de del della di da dos das du la le el al bin ibn ben abu ter ten zu af y e".split()
_WORD = r"[^\W\d_a-zß-öø-ÿ][^\W\d_]*(?:[.'’‘-][^\W\d_]+)*\.?"
NAME = rf"{_WORD}(?:\s+(?:(?:{'|'.join(_PARTICLES)})\s+){{0,2}}{_WORD}){{1,4}}"
"""Two to five capitalized words, particles between them: for use inside case-sensitive groups."""

_ONE_NAME = re.compile(NAME)
_AND = re.compile(r"\s*(?:[,;/|•·&]|\b(?:and|und|et|y|e|i|en|och|og|ve|и|та|sowie)\b)\s*(?:(?:and|und|et|y|e|ve)\s+)?")
_AFTER = re.compile(r"\s*[(,@].*$|\s+(?:für|for|in|aus)\s.*$", re.DOTALL)


_NO_NAMES = frozenset(
    "staff report reports reporter desk news bureau editorial team press agency agencies media group daily times today breaking "
    "live update updates the a an and of in on at for with from by to new no not all more about this that redaktion nachrichten "
    "agenturen".split()
)


def is_name(text: str) -> bool:
    """True if the text has the shape of a person's name, whole, and no word that names do not have."""
    return _ONE_NAME.fullmatch(text.strip()) is not None and not _NO_NAMES & set(text.casefold().split())


def split_names(text: str) -> list[str]:
    """The people in a byline, without the words around them.

    >>> split_names("Jane Roe and John Q. Public")
    ['Jane Roe', 'John Q. Public']
    """
    return [name for part in _AND.split(text) if (name := _AFTER.sub("", part).strip(" .:-–—"))]


def split_tags(text: str) -> list[str]:
    """The tags of a list that commas, bars, dots or hash signs part."""
    parts = re.split(r"\s*[,;|•·/#\n\t]\s*", text)
    return [tag for part in parts if (tag := part.strip(" .:-–—"))]
