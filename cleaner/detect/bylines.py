"""Bylines that do not say “By”."""

from __future__ import annotations

from collections.abc import Iterator

from cleaner.detect.patterns import facts_of, hit_of
from cleaner.detect.times import is_stamp
from cleaner.model import WORD, Document, Finding, Line, Rule
from cleaner.names import is_name, split_names
from cleaner.words import english_words

HEAD_LINES = 6
MOST_NAMES = 6
ENTRIES = 3
"""So many names, each above a paragraph, head the entries of a list."""


def desk(rule: Rule, document: Document) -> Iterator[Finding]:
    """Desks, bureaus, correspondents: beside the title, before the first paragraph or at the end."""
    for line in document.fitting(rule):
        if line.item or (line.index >= HEAD_LINES and line.zone != "tail"):
            continue
        if line.index == 0:
            continue  # not beside a title; or the title itself ends in such a word
        hit = hit_of(rule, document, line)
        if hit is not None and not _continues(document, line):
            yield Finding(rule, line.start, line.end, "", rule.confidence, hit[0], facts_of(rule, line.text))


def names(rule: Rule, document: Document) -> Iterator[Finding]:
    """A line of names in the head that the text does not speak of."""
    # The first line is the title; without a title a place or a heading looks the same.
    for line in document.lines[1:HEAD_LINES]:
        if line.zone in rule.zones and _is_names(rule, document, line):
            if _heads_block(document, line) or _is_one_of_entries(document, line):
                continue
            evidence = "nothing but names that the text does not speak of, before the first paragraph"
            yield Finding(rule, line.start, line.end, "", rule.confidence, evidence, facts_of(rule, line.text))


def names_at_end(rule: Rule, document: Document) -> Iterator[Finding]:
    """A last line of names, directly behind a paragraph, that the text does not speak of."""
    if len(document.lines) < 2:
        return
    above, line = document.lines[-2:]
    if line.zone in rule.zones and above.prose and _is_names(rule, document, line):
        evidence = "the last line is nothing but names that the text does not speak of"
        yield Finding(rule, line.start, line.end, "", rule.confidence, evidence, facts_of(rule, line.text))


def _is_one_of_entries(document: Document, line: Line) -> bool:
    """True if other names stand above other paragraphs, too: notices, portraits, letters."""
    if not document.lines[line.index + 1 : line.index + 2] or not document.lines[line.index + 1].prose:
        return False
    heads = (document.lines[below.index - 1] for below in document.prose if below.index)
    return len({head.text for head in heads if is_name(head.text)} | {line.text}) >= ENTRIES


def _is_names(rule: Rule, document: Document, line: Line) -> bool:
    if line.item or line.quoted or line.tight or line.words > rule.max_words or line.finished:
        return False
    people = split_names(line.text.lstrip("–—- "))
    if not 1 <= len(people) <= MOST_NAMES or not all(is_name(name) for name in people):
        return False
    words = {word for name in people for word in WORD.findall(name)}
    common, _ = english_words()
    if all(word.casefold() in common for word in words):
        return False  # "Part One", "Latest Stories"
    return all(words.isdisjoint(document.tokens(other)) for other in document.lines if other.index != line.index)


def _heads_block(document: Document, line: Line) -> bool:
    """True if the line is joined to a line below it that is neither running text nor a time stamp."""
    following = document.lines[line.index + 1 : line.index + 2]
    return bool(following) and following[0].tight and not following[0].prose and not is_stamp(following[0].text)


def _continues(document: Document, line: Line) -> bool:
    """True if the line is one of several that make a block of text, as in an address."""
    block = document.block_of(line)
    return len(block) > 1 and document.has_prose(block)
