"""Words that lost the space between them, mostly where a tag was stripped.

Nothing is parted without evidence on both sides: the halves must be known, and the whole must not be.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from cleaner.model import WORD, Document, Finding, Line, Rule
from cleaner.shape import SPACELESS
from cleaner.words import all_function_words, english_words

LEFT = (
    "the",
    "and",
    "that",
    "this",
    "with",
    "from",
    "was",
    "were",
    "have",
    "their",
    "which",
    "would",
    "could",
    "while",
    "been",
    "they",
    "these",
    "those",
    "because",
)
"""Function words that join the word behind them; such as begin other words ("for-", "after-") are left out."""
RIGHT = (
    "and",
    "that",
    "with",
    "from",
    "have",
    "were",
    "which",
    "while",
    "would",
    "could",
    "because",
    "their",
    "they",
    "this",
    "these",
    "been",
    "after",
    "into",
)
"""Function words that are joined to the word before them."""
OPENING = ("And", "But", "While", "Although", "Because", "However", "Meanwhile")
"""Words that open a sentence and begin no brand."""
SHORT = frozenset(
    {"on", "in", "is", "at", "to", "of", "as", "by", "or", "an", "and", "the", "has", "had", "was", "for", "but", *RIGHT}
)
"""Function words that may hang on a name, if the name in full stands elsewhere."""
LEAST_LETTERS = 4
"""Length of a half that is no function word …"""
LEAST_AFTER_ARTICLE = 3
"""… and of one behind "the", which no word but names begins with."""
PAIRED_LEFT = ("of", "in", "on", "to", "at", "for", "from", "with", "by", "and", "that", "as", "is", "was", "into", "over")
PAIRED_RIGHT = ("the", "this", "these", "those", "their", "his", "its", "our", "your", "them", "which")
"""Function words that are joined to each other."""
BEFORE_NAME = ("in", "of", "at", "from", "with", "by", "for", "and", "the")
"""Function words that are joined to the name behind them; such as begin names of programs ("on-", "to-") are left out."""
BEFORE_DATE = (*BEFORE_NAME, "on", "since", "until", "last", "next")
BEFORE_CAPITAL = (*BEFORE_DATE, *OPENING)
BEHIND_BRACKET = (
    "and", "or", "but", "which", "who", "whose", "that", "is", "was", "are", "were", "has", "have", "had",
    "in", "on", "at", "of", "for", "from", "with", "to", "by", "said",
)  # fmt: skip
DATES = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip
SAYING = frozenset("said says told asked added wrote".split())
NAME_TIMES = 2
"""So often a name must stand in the text for a short word behind it to be one that was joined."""
ADDRESS_CHARACTERS = 100
"""An address before a full stop is looked for so far back."""
ENGLISH = ("the", "and", "of", "to")
ENGLISH_SHARE = 0.04
"""A text is English enough if this share of its words are these, between two others on a line."""

_INSIDE = r"(?<![\w@#/.&'’\-])(?:{})(?![\w@/&'’\-]|\.\w)"
_LOWER = re.compile(
    _INSIDE.format(
        rf"(?:{'|'.join(LEFT)})[a-z]{{{LEAST_AFTER_ARTICLE},20}}|[a-z]{{{LEAST_LETTERS},20}}(?:{'|'.join(RIGHT)})"
        rf"|(?:{'|'.join(PAIRED_LEFT)})(?:{'|'.join(PAIRED_RIGHT)})"
    )
)
_PAIRED = re.compile(rf"({'|'.join(PAIRED_LEFT)})(?:{'|'.join(PAIRED_RIGHT)})")
_BEFORE_DATE = re.compile(_INSIDE.format(rf"({'|'.join(BEFORE_DATE)})(?:{'|'.join(DATES)})"))
_BEFORE_NAME = re.compile(_INSIDE.format(rf"({'|'.join(BEFORE_NAME)})[A-Z][a-z]{{3,20}}"))
_NAMED = re.compile(_INSIDE.format(rf"[A-Z][a-z]{{2,20}}(?:{'|'.join(RIGHT)})"))
_AFTER_NAME = re.compile(
    r"([A-Z](?<![\w@#/.&'’][A-Z])[a-z]{1,20}) ([A-Z][a-z]{1,20}?)("
    + "|".join(sorted(SHORT))
    + r")(?= (?:an?|the|his|her|its|their|this|that|these|those|\d+) )"
)
_CAPITALS = re.compile(rf"(?:^|(?<=[.!?] ))(?:{'|'.join(OPENING)})(?=[A-Z][a-z]{{2,}}(?![\w@/&-]))")
# The mark comes first, and then what stands before it: so the expressions are only tried at marks.
_COMMAS = re.compile(r",(?=([^\W\d_]{1,12})[\s,;:.])(?<=[^\W\d_]{3},)")
_BRACKETS = re.compile(rf"\)(?<=[\w.]\))(?=(?:{'|'.join(BEHIND_BRACKET)})\b)")
_CLOSING = re.compile(r'"(?=[^\W\d_])(?<=[,.!?]")')
_OPENING_QUOTE = re.compile(r"[“„](?=[^\W\d_])(?<=[^\W\d_]{2}[.!?][“„])")
_SENTENCES = re.compile(r"[.!?,](?:(?<=[^\W\d_][^\W\d_A-Z]{2}[.!?])[”’»]?(?=([^\W\d_a-zß-öø-ÿ][^\W\d_]*)[ ,])|[”»](?=[^\W\d_]))")
_LONG_WORD = re.compile(r"[A-Za-z]{5,}")
"""Two words that were joined have no fewer letters."""
_PAIR = re.compile(r"\b([A-Z][a-z]{1,20}) (?=([A-Z][a-z]{1,20})\b)")
_NAME_BEHIND = re.compile(r" [A-Z][a-z]")
_CAPITALIZED = re.compile(r"[A-Z][a-z]+")
_ADDRESS = re.compile(r"[./@:]\S*$")


def _is_english(document: Document) -> bool:
    words = sum(line.words for line in document.lines)
    return sum(document.text.count(f" {word} ") for word in ENGLISH) >= ENGLISH_SHARE * words


def function_word(rule: Rule, document: Document) -> Iterator[Finding]:
    """A common word and a function word in small letters: "thesecond", "killedwhile", "ofthe"."""
    for line, found in _in_english(document, _LOWER, SMALL):
        at = _parting(found.group())
        if at:
            yield _part(rule, document, line, found.start() + at, found.group(), at, "both are common words, the whole is none")


def _parting(word: str) -> int:
    """Where the word falls into a function word and a common one; 0 if it is healthy."""
    common, healthy = english_words()
    if word in common or word in healthy:
        return 0
    if pair := _PAIRED.fullmatch(word):
        return pair.end(1)
    for left in LEFT:
        least = LEAST_AFTER_ARTICLE if left == "the" else LEAST_LETTERS
        if word.startswith(left) and word[len(left) :] in common and len(word) - len(left) >= least:
            return len(left)
    for right in RIGHT:
        if word.endswith(right) and word[: -len(right)] in common and len(word) - len(right) >= LEAST_LETTERS:
            return len(word) - len(right)
    return 0


def name(rule: Rule, document: Document) -> Iterator[Finding]:
    """A name that stands elsewhere on its own, or a date, and a function word: "Kyivhave", "Jong Unon a", "inMay"."""
    _, healthy = english_words()
    for line, found in _in_english(document, _NAMED, NAMED):
        word = found.group()
        right = next(right for right in sorted(RIGHT, key=len, reverse=True) if word.endswith(right))
        at = len(word) - len(right)
        # Names end in "-and" (Sealand, Rand), but not in the others.
        is_known = _is_known(document, word[:at], NAME_TIMES) if right == "and" else word[:at] in document.vocabulary
        if word.casefold() not in healthy and is_known:
            yield _part(rule, document, line, found.start() + at, word, at, f"“{word[:at]}” stands elsewhere in the text")
    for line, found in _in_english(document, _BEFORE_DATE, INNER):
        yield _part(rule, document, line, found.end(1), found.group(), len(found[1]), "a word and a date")
    for line, found in _in_english(document, _BEFORE_NAME, INNER):
        right = found.group()[len(found[1]) :]
        if right not in DATES and _is_known(document, right, 1):
            evidence = f"“{right}” stands elsewhere in the text"
            yield _part(rule, document, line, found.end(1), found.group(), len(found[1]), evidence)
    pairs: Counter[str] | None = None
    for line, found in _in_english(document, _AFTER_NAME):
        if pairs is None:
            pairs = Counter(f"{first} {second}" for first, second in _PAIR.findall(document.text))
        full = f"{found[1]} {found[2]}"
        elsewhere = pairs[full]
        if elsewhere >= NAME_TIMES:
            evidence = f"“{full}” stands elsewhere in the text, {elsewhere} times"
            yield _part(rule, document, line, found.start(3), found[2] + found[3], len(found[2]), evidence)


def _is_known(document: Document, name: str, times: int) -> bool:
    """True if the name stands in the text as a word of its own, so often, and not only at the start of a sentence."""
    return name in document.vocabulary and document.names.get(name, 0) >= times


def sentence_opening(rule: Rule, document: Document) -> Iterator[Finding]:
    """A conjunction at the start of a sentence and a name, or a title before one: "AndPresident Doe"."""
    common, _ = english_words()
    for line, found in _in_english(document, _CAPITALS, INNER):
        rest = _CAPITALIZED.match(line.text, found.end())
        if not rest:
            continue
        word = found.group() + rest.group()
        if rest.group().casefold() in common and _NAME_BEHIND.match(line.text, rest.end()):
            evidence = f"“{rest.group()}” stands before a name"
            yield _part(rule, document, line, found.end(), word, len(found.group()), evidence)
        elif _is_known(document, rest.group(), 1):
            evidence = f"“{rest.group()}” stands elsewhere in the text"
            yield _part(rule, document, line, found.end(), word, len(found.group()), evidence)


def sentences(rule: Rule, document: Document) -> Iterator[Finding]:
    """The end of a sentence, and a function word that begins the next one: "in May.The mayor"."""
    functions = all_function_words()
    for line in _holding(document, _SENTENCES):
        for found in _SENTENCES.finditer(line.text):
            opener, at = found[1], found.end()
            if opener is not None and opener.casefold() not in functions:
                if line.text[at - 1] not in "”»":
                    continue
                opener = None
            if SPACELESS.match(line.text, at) or (opener is None and not _goes_on(line.text, at)):
                continue
            least = max(0, found.start() - ADDRESS_CHARACTERS)
            word = max(least, line.text.rfind(" ", least, found.start()) + 1)
            if opener is not None and _ADDRESS.search(line.text[word : found.start()]):
                continue
            shown = line.text[max(0, at - 12) : at + 12]
            evidence = f"no space between two sentences in “{shown}”"
            yield Finding(rule, *document.rewritten(line, at, at, " "), rule.confidence, evidence)


def _goes_on(text: str, at: int) -> bool:
    """True if the word behind a quotation is one of its own; some languages put endings and particles there."""
    found = WORD.match(text, at)
    return found is not None and (found.group()[0].isupper() or found.group().casefold() in all_function_words() | SAYING)


def behind_marks(rule: Rule, document: Document) -> Iterator[Finding]:
    """A comma, a bracket or a quotation mark, and the next word without a space: "a comb,and", "(2004)and"."""
    functions = all_function_words()
    for line, has_tight in zip(document.lines, document.each(_has_tight_marks), strict=True):
        if not has_tight or not line.prose:
            continue
        for found in _COMMAS.finditer(line.text):
            if found[1].casefold() in functions:
                yield _behind(rule, document, line, found.end(), "comma")
        marks = behind = 0
        for found in _CLOSING.finditer(line.text):
            marks += line.text.count('"', behind, found.start())
            behind = found.start()
            # A quotation that is open ends here; else this mark begins one.
            is_end = marks % 2 == 1
            if is_end and not _goes_on(line.text, found.end()):
                continue
            yield _behind(rule, document, line, found.end() if is_end else found.start(), "quotation mark")
        low = line.text.find("„")
        for found in _OPENING_QUOTE.finditer(line.text):
            is_end = found.group() == "“" and 0 <= low < found.start()
            yield _behind(rule, document, line, found.end() if is_end else found.start(), "quotation mark")
    for line, found in _in_english(document, _BRACKETS):
        yield _behind(rule, document, line, found.end(), "bracket")


def _has_tight_marks(text: str) -> bool:
    return _COMMAS.search(text) is not None or _CLOSING.search(text) is not None or _OPENING_QUOTE.search(text) is not None


def _behind(rule: Rule, document: Document, line: Line, at: int, mark: str) -> Finding:
    evidence = f"no space at the {mark} in “{line.text[max(0, at - 12) : at + 12]}”"
    return Finding(rule, *document.rewritten(line, at, at, " "), rule.confidence, evidence)


def _in_english(document: Document, pattern: re.Pattern[str], shape: str = "") -> Iterator[tuple[Line, re.Match[str]]]:
    """Matches in the lines of an English text, of which only those can have one that hold an odd word of the shape."""
    if not document.view(_is_english):
        return
    for line in _holding(document, pattern) if not shape else _with_odd(document, shape):
        for found in pattern.finditer(line.text):
            yield line, found


def _holding(document: Document, pattern: re.Pattern[str]) -> Iterator[Line]:
    """The lines in which a pattern matches."""
    return (line for line, found in zip(document.lines, document.each(pattern.search), strict=True) if found)


def _with_odd(document: Document, shape: str) -> Iterator[Line]:
    return (line for line, shapes in zip(document.lines, document.each(_odd_shapes), strict=True) if shape in shapes)


SMALL, NAMED, INNER = "small", "named", "inner"
"""Shapes of joined words: two in small letters, a name with one behind it, one before a capital."""


def _odd_shapes(text: str) -> frozenset[str]:
    """The shapes of joined words that a line could hold; those are among the words that are neither common nor healthy."""
    common, healthy = english_words()
    shapes = set()
    for word in set(_LONG_WORD.findall(text)).difference(common, healthy):
        if not word[1:].islower():
            if word.startswith(BEFORE_CAPITAL) and word != word.lower():
                shapes.add(INNER)
        elif word[-3:] in _LAST_LETTERS or word[:3] in _FIRST_LETTERS:
            if word.islower():
                if _parting(word):
                    shapes.add(SMALL)
            elif word.endswith(RIGHT):
                shapes.add(NAMED)
    return frozenset(shapes)


_FIRST_LETTERS = frozenset(word[:3] for word in LEFT)
_LAST_LETTERS = frozenset(word[-3:] for word in (*RIGHT, *PAIRED_RIGHT))


def _part(rule: Rule, document: Document, line: Line, at: int, word: str, middle: int, why: str) -> Finding:
    evidence = f"“{word}” is “{word[:middle]} {word[middle:]}”: {why}"
    return Finding(rule, *document.rewritten(line, at, at, " "), rule.confidence, evidence)
