"""Names of people: what looks like one, and how a list of them is cut."""

from __future__ import annotations

import re
from collections.abc import Iterable

_PARTICLES = "van von der den de del della di da dos das du la le el al bin ibn ben abu ter ten zu af y e".split()
_WORD = r"[^\W\d_a-zß-öø-ÿ][^\W\d_]*(?:[.'’‘-][^\W\d_]+)*\.?"
NAME = rf"{_WORD}(?:\s+(?:(?:{'|'.join(_PARTICLES)})\s+){{0,2}}{_WORD}){{1,4}}"
"""Two to five capitalized words, particles between them: for use inside case-sensitive groups."""

_ONE_NAME = re.compile(NAME)
_AND = re.compile(r"(?<!\s)\s*(?:[,;/|•·&]|\b(?:and|und|et|y|e|i|en|och|og|ve|и|та|sowie)\b)\s*(?:(?:and|und|et|y|e|ve)\s+)?")
_AFTER = re.compile(r"(?<!\s)\s*[(,@].*$|(?<!\s)\s+(?:für|for|in|aus)\s.*$", re.DOTALL)


_NO_NAMES = frozenset(
    "staff report reports reporter desk news bureau editorial team press agency agencies media group daily times today breaking "
    "live update updates the a an and of in on at for with from by to new no not all more about this that redaktion nachrichten "
    "agenturen".split()
)


def is_name(text: str) -> bool:
    """True if the text has the shape of a person's name, whole, and no word that names do not have."""
    return _ONE_NAME.fullmatch(text.strip()) is not None and not _NO_NAMES & set(text.casefold().split())


_TRADE = re.compile(
    r"\b(?:correspondent|reporter|editor|writer|journalist|columnist|photographer|contributor|redakteur(?:in)?|korrespondent(?:in)?"
    r"|journaliste?|journalistin|reporterin|rédact\w+|periodista|redactor\w*|giornalista|jornalista|repórter|verslagg\w+|журналист|корреспондент"
    r"|muhabir|gazeteci)\b",
    re.IGNORECASE,
)


def people(names: Iterable[str]) -> tuple[str, ...]:
    """The names of people; if there are none, those of the desks and bureaus that stand for them."""
    given = tuple(names)
    return tuple(name for name in given if not _NO_NAMES & set(name.casefold().split())) or given


def split_names(text: str) -> list[str]:
    """The people in a byline, without the words around them and without their trades.

    >>> split_names("Jane Roe and John Q. Public")
    ['Jane Roe', 'John Q. Public']
    """
    names = (_AFTER.sub("", part).strip(" .:-–—") for part in _AND.split(text))
    return [name for name in names if name and not _TRADE.search(name)]


def split_tags(text: str) -> list[str]:
    """The tags of a list that commas, bars, dots or hash signs part."""
    parts = re.split(r"\s*[,;|•·/#\n\t]\s*", text)
    return [tag for part in parts if (tag := part.strip(" .:-–—"))]


_BY = re.compile(
    r"(?:written\s+by|by|von|par|por|di|door|av|af|autor(?:in(?:nen)?|en|es|a)?|author(?:s|ed\s+by)?|auteurs?|texte?|story)\b\s*:?\s+"
    r"|(?:作者|責任編輯|责任编辑|記者|记者|文)\s*[:：/]\s*",
    re.IGNORECASE,
)
_NO_AUTHOR = re.compile(
    r"://|^www\.|^\d+$|^(?:admin|administrator|user|guest|none|null|undefined|unknown|anonymous|n/?a|author)$", re.IGNORECASE
)
_CREDIT = re.compile(r"\b(?:image|photo|picture|foto|bild)s?\s*(?::|by\b).*", re.IGNORECASE | re.DOTALL)
_MAIL = re.compile(r"<?\b[\w.+-]{1,64}@[\w.-]{1,200}\.\w+\b>?")
_LISTED = re.compile(
    r"(?<!\s)\s*[;,|•·&]\s*|(?<!\s)\s+(?:(?:and|und|et|og|och|en|ve|и|та|sowie)\s+|/\s+)|(?<=\w{4})/(?=\w{4})|\n"
)
_WEAK_AND = re.compile(r"(?<!\s)\s+(?:e|y|i|ja)\s+")
"""“And” that also stands inside names: José Ortega y Gasset."""


def authors_in(text: str) -> list[str]:
    """The names in a field that is meant for authors: people, or the office or site that stands for them.

    Without “By”, mail addresses and trades; addresses, numbers and the names of accounts that everybody has are none.

    >>> authors_in("By Jane Roe, Editor and John Q. Public <jq@example.org>")
    ['Jane Roe', 'John Q. Public']
    >>> authors_in("Ana Gil y José Ortega y Gasset")
    ['Ana Gil', 'José Ortega y Gasset']
    """
    if _NO_AUTHOR.search(text.strip()):
        return []
    names = []
    for part in _LISTED.split(_MAIL.sub(" ", _CREDIT.sub("", text))):
        name = _BY.sub("", part.strip(), count=1) if _BY.match(part.strip()) else part
        halves = _WEAK_AND.split(name, maxsplit=1)
        names += halves if all(len(half.split()) > 1 for half in halves) else [name]
    names = [" ".join(name.split()).strip(" .:-–—()") for name in names]
    names = [name for name in names if name and not _NO_AUTHOR.search(name) and not _TRADE.fullmatch(name)]
    return [name for name in names if not _TRADE.search(name)] or names
