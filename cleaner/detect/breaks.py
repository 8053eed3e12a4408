"""Line breaks that fall inside sentences: lines split at inline tags, and text wrapped at a margin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from cleaner.language import detect_language
from cleaner.model import Document, Finding, Line, Rule
from cleaner.segment import BREAK
from cleaner.shape import COLON, SPACELESS, ends_sentence, has_columns, is_paragraph
from cleaner.words import function_words

SPLITS = 2
"""So many breaks that cannot be meant show that a text was split at its inline tags."""
WHOLE_WORDS = 6
"""A break is only taken for a split if one side of it has so many words; menus and lists have fewer."""
OPEN_WORDS = 12
"""A line of so many words that ends in no full stop waits for its end."""
PIECE_WORDS = 8
"""What stood inside a tag (a link, a name, a title) is no longer than this."""
_CLOSING = re.compile(r"(?:[,.;:!?…]+(?=[\s\"'”’»“)\]]|$)|['’]s\b|[)\]][\s,.;:!?]|[)\]]$|[、。，；：！？）」』】〉》])")
"""What no line starts with."""
_PARTICLE = re.compile(r"[をがはのにでともへや](?=[\u30a0-\u30ff\u4e00-\u9fff])|的(?![士確确])")
"""Japanese and Chinese words that follow the word they belong to; no sentence starts with one."""
_WIDE_MARKS = "、。，；：！？・「」『』（）《》〈〉【】"
"""Marks with a space of their own."""
_TIGHT_ENDS = ("(", "[", "“", "„", "«", "‘", "/")
_LAST_WORD = re.compile(r"(?<!\d)\s([^\W\d_]+)$")
"""The last word of a line, unless it may be a unit or a half of the day."""

MARGIN = range(40, 101)
"""Columns at which programs wrap lines."""
WRAPPED_LINES = 6
"""Fewer lines show no margin."""
WRAPPED_SHARE = 0.9
"""Share of the breaks inside blocks that a margin must explain."""
SMALL_SHARE = 1 / 4
"""So many lines of running text start in small letters, even where nouns have capitals."""
ENDED_SHARE = 1 / 2
"""At most so many lines of running text happen to end with a sentence."""


def broken(rule: Rule, document: Document) -> Iterator[Finding]:
    """Breaks that inline tags left inside sentences, where a page was turned into text node by node.

    A line that starts with a comma, or in small letters behind an unfinished long line, shows such a
    text; verse and lists have no long lines. There a link between the two halves is joined, too.
    """
    lines = document.lines
    if sum(document.view(_single_breaks)) < SPLITS:
        return
    single = _joinable(document)
    if sum(single[at] and _cannot_start(lines[at - 1], lines[at]) for at in range(1, len(lines))) < SPLITS:
        return
    language = detect_language("\n".join(line.text for line in document.prose))
    functional = function_words().get(language, frozenset())
    words = 0  # of the sentence so far
    listed = False  # between a colon and the next line that starts in capitals stand the entries of a list
    for at in range(1, len(lines)):
        above, line = lines[at - 1], lines[at]
        words = words or above.words
        listed = (listed or above.text.endswith(COLON)) and _goes_on(line) and not is_paragraph(line.text)
        following = lines[at + 1] if at + 1 < len(lines) and single[at + 1] else None
        evidence = "" if listed or not single[at] else _joins(above, line, following, words, functional)
        if not evidence:
            words = 0
            continue
        words += line.words
        glue = "" if _CLOSING.match(line.text) or above.text.endswith(_TIGHT_ENDS) or _is_spaceless(above, line) else " "
        start, end = document.to_raw(above.offset + len(above.text), end=True), document.to_raw(line.offset)
        yield Finding(rule, start, end, glue, rule.confidence, evidence)


def _joinable(document: Document) -> list[bool]:
    """For each line whether a single break parts it from the one above, in lines of which one at least is long.

    Verse and lists that blank lines set apart have no long lines.
    """
    single = list(document.view(_single_breaks))
    start = 0
    for at in range(1, len(single) + 1):
        if at < len(single) and single[at]:
            continue
        if not any(is_paragraph(line.text) for line in document.lines[start:at]):
            single[start:at] = [False] * (at - start)
        start = at
    return single


def _single_breaks(document: Document) -> list[bool]:
    """For each line true if one line break and no blank line parts it from the one above."""
    single = [False] * len(document.lines)
    for above, line in pairwise(document.lines):
        gap = document.text[above.offset + len(above.text) : line.offset]
        single[line.index] = gap == "\n" or (gap != "\n\n" and len(BREAK.findall(gap)) == 1)
    return single


def _is_unfinished(text: str) -> bool:
    return not ends_sentence(text) and text[-1] not in ":;|"


def _goes_on(line: Line) -> bool:
    """True if the line starts in small letters or, in a script without them, with a word that follows another."""
    is_small = line.text.lstrip("\"'“‘„«(")[:1].islower()
    return (is_small or _PARTICLE.match(line.text) is not None) and not line.item


def _cannot_start(above: Line, line: Line) -> bool:
    """True if a long line goes on in the next one, beyond doubt."""
    if not _is_unfinished(above.text):
        return False
    if _PARTICLE.match(line.text):  # says more than small letters do, and such lines are short
        return max(above.words, line.words) >= WHOLE_WORDS
    if not is_paragraph(above.text) and not is_paragraph(line.text):
        return False
    return _CLOSING.match(line.text) is not None or _goes_on(line)


def _joins(above: Line, line: Line, following: Line | None, words: int, functional: frozenset[str]) -> str:
    """Why the line goes on with the sentence above it; empty if it does not. `words` is the size of that sentence so far."""
    if not _is_unfinished(above.text):
        return ""
    if _CLOSING.match(line.text):
        return "the line starts with a mark that ends something"
    if line.item or max(words, line.words) < WHOLE_WORDS:
        return ""
    if _PARTICLE.match(line.text):
        return f"no sentence starts with “{line.text[0]}”"
    if _goes_on(line):
        return "the sentence above is not finished and goes on in small letters"
    last = _LAST_WORD.search(above.text)
    if words >= WHOLE_WORDS and last is not None and last[1].casefold() in functional and not last[1].isupper():
        return f"no sentence ends with “{last[1]}”"
    if words >= OPEN_WORDS and line.words <= PIECE_WORDS:
        if line.finished:
            return "the sentence above is not finished, the short line ends it"
        if following is not None and (_CLOSING.match(following.text) or _goes_on(following)):
            return "the sentence above is not finished and goes on behind the short line"
    return ""


def _is_spaceless(above: Line, line: Line) -> bool:
    return all(SPACELESS.match(edge) or edge in _WIDE_MARKS for edge in (above.text[-1], line.text[0]))


def wrapped(rule: Rule, document: Document) -> Iterator[Finding]:
    """Breaks that a program set at a margin, as mail programs and e-books do.

    A margin explains a break if the next word would not have fitted into the line any more. Verse,
    code, tables and addresses break their lines for other reasons, hence earlier.
    """
    single = document.view(_single_breaks)
    breaks = [(above, line) for above, line in pairwise(document.lines) if single[line.index]]
    # Single breaks between paragraphs will be blank lines, and then a margin may show that they hide now.
    found = _at_margin(breaks) or _at_margin([(above, line) for above, line in breaks if line.tight])
    if found is None:
        return
    width, explained = found
    for above, line in explained:
        if line.item:
            continue
        glue = "" if above.text.endswith("-") or _is_spaceless(above, line) else " "
        start, end = document.to_raw(above.offset + len(above.text), end=True), document.to_raw(line.offset)
        yield Finding(rule, start, end, glue, rule.confidence, f"the next word did not fit into {width} columns")


def _at_margin(breaks: list[tuple[Line, Line]]) -> tuple[int, list[tuple[Line, Line]]] | None:
    """The margin that nearly all of the breaks stand at, and those that it explains; `None` if there is none."""
    if len(breaks) < WRAPPED_LINES:
        return None
    width = max((len(above.text) for above, _ in breaks if " " in above.text), default=0)
    if width not in MARGIN:
        return None
    explained = [pair for pair in breaks if _fills(*pair, width)]
    if len(explained) < WRAPPED_SHARE * len(breaks) or not _is_running(explained):
        return None
    return width, explained


def _fills(above: Line, line: Line, width: int) -> bool:
    if _is_spaceless(above, line):
        return len(above.text) + 2 > width
    return len(above.text) + 1 + len(line.text.partition(" ")[0]) > width


def _is_running(pairs: list[tuple[Line, Line]]) -> bool:
    """True if sentences run over the breaks: many lines start in small letters, or the script has none."""
    cased = [line for _, line in pairs if line.text[0].lower() != line.text[0].upper()]
    small = sum(line.text[0].islower() for line in cased)
    ended = sum(above.finished for above, _ in pairs)
    return (
        small >= SMALL_SHARE * len(cased)
        and ended <= ENDED_SHARE * len(pairs)
        and not any(has_columns(line.text) for _, line in pairs)
    )
