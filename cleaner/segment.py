"""From raw text to a document: lines with offsets, blocks and zones."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from cleaner.model import Document, Edit, Known, Line, Offsets, Zone, apply, of_each
from cleaner.shape import ITEM, ends_sentence, is_paragraph, is_prose, size

BREAK = re.compile(r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
"""A line break. `str.splitlines` also breaks at U+001C to U+001E, which no reader sees as a new line."""
_LINE = re.compile(r"[^\n\r\x0b\x0c\x85\u2028\u2029]+")
_ODD_BREAKS = "\r\x0b\x0c\x85\u2028\u2029"

MAX_LINE = 1_000_000
"""Code points; text with a longer line is no article text but data."""
DENSE_GAPS = 0.1
"""Up to this share of blank lines among all gaps a text may be one that sets each paragraph on a line."""
DENSE_PARAGRAPHS = 1 / 3
"""A text is dense if at least this share of its lines are paragraphs."""
BLANK_GAPS = 1 / 4
"""From this share on blank lines are how the text parts its paragraphs."""
STANDFIRST_LINES = 3
"""A standfirst has at most so many lines above it …"""
BODY_LINES = 3
"""… and so many paragraphs of running text, itself included, below it …"""
HEAD_LINES = 8
"""… and fewer than so many between it and the body."""
QUOTATION_LINES = 12
"""A quotation that does not close within so many lines was never closed."""

Hints = Sequence[tuple[int, tuple[str, ...]]]


class Traits(NamedTuple):
    """What the text of a line tells of it, see `Line`; and whether it is a paragraph by its length alone."""

    words: int
    item: bool
    prose: bool
    finished: bool
    paragraph: bool


_MARKS = (("“", "”"), ("„", "“”"), ("«", "»"), ("»", "«"), ("「", "」"), ("『", "』"))
_OPENING = frozenset(opening for opening, _ in _MARKS)
_QUOTES = re.compile(f'["{"".join(_OPENING)}]')


def segment(raw: str, edits: Sequence[Edit] = (), hints: Hints = (), known: Known | None = None) -> Document:
    """Cut a text into lines and say where each stands.

    Lines before the body are its head, those behind it its tail.

    `edits` are applied first: the lines are those of the text as it will be, their offsets those of
    the raw text. `hints` gives what markup says about raw lines, by their offsets, in text order.
    Edits must be in text order and not overlap. `known` is that of an earlier document of the same raw text.
    """
    text = apply(raw, edits)
    known = known if known is not None else {}
    to_raw = Offsets(edits).to_raw
    texts: list[str] = []
    offsets: list[int] = []
    spans: list[tuple[int, int]] = []
    tight: list[bool] = []
    parted: list[bool] = []
    behind = end = 0
    for offset, content in _pieces(text):
        start = to_raw(offset)
        joined = bool(texts) and _breaks(text[behind:offset]) == 1
        # Lines between which something was cut do not run together.
        cut = start - end != offset - behind
        tight.append(joined and not cut)
        parted.append(bool(texts) and not joined and not cut)
        texts.append(content)
        offsets.append(offset)
        behind = offset + len(content)
        end = to_raw(behind, end=True)
        spans.append((start, end))

    traits = of_each(_traits, texts, known)
    if any(tight):
        tight = _loosened(traits, tight, blank=sum(parted))
    quoted = _quoted(texts, known)
    first, last = _body(traits)
    hinted = [offset for offset, _ in hints]
    lines = []
    for index, (start, end) in enumerate(spans):
        zone: Zone = "head" if index < first else "tail" if index > last else "body"
        said = _hints_at(start, hints, hinted) if hints else ()
        words, is_item, is_running, is_finished, _ = traits[index]
        line = Line(
            index, start, end, offsets[index], texts[index], words, tight[index],
            is_item, is_running, is_finished, index in quoted, zone, said,
        )  # fmt: skip
        lines.append(line)
    return Document(raw, text, tuple(lines), tuple(edits), known=known)


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """(offset, text) of each line without the white space around it; lines of nothing else are left out."""
    if any(mark in text for mark in _ODD_BREAKS):
        lines: Iterable[tuple[int, str]] = ((found.start(), found.group()) for found in _LINE.finditer(text))
    else:
        pieces = text.split("\n")
        lines = zip(accumulate((len(piece) + 1 for piece in pieces), initial=0), pieces, strict=False)
    for start, piece in lines:
        content = piece.strip()
        if content:
            yield (start if content[0] == piece[0] else start + piece.index(content[0])), content


def _traits(text: str) -> Traits:
    """What is to be said of the text of a line."""
    words, is_finished = size(text), ends_sentence(text)
    return Traits(words, ITEM.match(text) is not None, is_prose(words, finished=is_finished), is_finished, is_paragraph(text))


def _hints_at(start: int, hints: Hints, offsets: list[int]) -> tuple[str, ...]:
    """The hints of the raw line that holds the offset."""
    at = bisect_right(offsets, start) - 1
    return hints[at][1] if at >= 0 else ()


def _body(traits: Sequence[Traits]) -> tuple[int, int]:
    """Indexes of the first and the last line of the body: all lines if there is no running text.

    A paragraph on top that short lines part from the next one may be a standfirst, with the byline
    and the date below it; then the body starts with the next one.
    """
    running = [index for index, line in enumerate(traits) if line.prose and not line.item]
    if not running:
        return 0, len(traits)
    first = running[0]
    if first <= STANDFIRST_LINES and len(running) >= BODY_LINES and 1 < running[1] - first <= HEAD_LINES:
        first = running[1]
    return first, running[-1]


def _breaks(gap: str) -> int:
    if gap == "\n":
        return 1
    if gap == "\n\n":
        return 2
    return len(BREAK.findall(gap))


def _loosened(traits: Sequence[Traits], tight: list[bool], *, blank: int) -> list[bool]:
    """Part lines that single breaks join although each is a paragraph of its own.

    List items that follow each other stay together. Otherwise two paragraphs never share a block, and
    in a text that uses no blank lines and consists of paragraphs nothing does. Where blank lines are
    in use, a single break between a short line and the paragraph below it is meant: a question and its
    answer, a term and what it means. `blank` counts the gaps with a blank line that the text itself has.
    """
    _, items, prose, _, alone = zip(*traits, strict=True)
    gaps = blank + sum(tight)
    paragraphs = sum(map(max, alone, prose))
    dense = blank <= DENSE_GAPS * gaps and paragraphs >= DENSE_PARAGRAPHS * len(traits)
    meant = blank >= BLANK_GAPS * gaps

    def stays(at: int) -> bool:
        if not tight[at] or (items[at] and items[at - 1]):
            return tight[at]
        return not (dense or alone[at - 1] or (alone[at] and not meant))

    return [stays(at) for at in range(len(traits))]


def _quoted(texts: Sequence[str], known: Known) -> set[int]:
    """Indexes of lines between an opening quotation mark on one line and its end on another."""
    unclosed = of_each(_unclosed, texts, known)
    if not any(unclosed):
        return set()
    inside: set[int] = set()
    opened, closing = -1, ""
    for index, text in enumerate(texts):
        if opened >= 0:
            # A paragraph that opens a quotation of its own ends the one that was never closed.
            if _closes(text, closing):
                inside.update(range(opened + 1, index + 1))
                opened = -1
            elif index - opened >= QUOTATION_LINES or text[0] in _OPENING or '"' in text:
                opened = -1
        if opened < 0:
            closing = unclosed[index]
            opened = index if closing else -1
    return inside


def _closes(text: str, closing: str) -> bool:
    """True if a closing mark stands in the text before any opening one."""
    if closing == '"':
        found = text.find('"')
        return found > 0 and not text[found - 1].isspace() and text[found - 1] not in "(["
    ends = [text.find(mark) for mark in closing if mark in text]
    starts = [text.find(mark) for mark in _OPENING - set(closing) if mark in text]
    return bool(ends) and min(ends) < min(starts, default=len(text))


def _unclosed(text: str) -> str:
    """The marks that would close a quotation which the text leaves open; empty if it leaves none."""
    if not _QUOTES.search(text):
        return ""
    for opening, closing in _MARKS:
        at = text.rfind(opening)
        if at < 0 or any(mark in text[at + 1 :] for mark in closing):
            continue
        # „…“ and »…« end with what “…” and «…» begin with.
        if opening in "“«»" and _ends_another(text, opening):
            continue
        return closing
    if text.count('"') % 2:
        return '"'
    return ""


def _ends_another(text: str, mark: str) -> bool:
    """True if the last such mark in the text is the end of a quotation of the other style."""
    other = {"“": "„", "«": "»", "»": "«"}[mark]
    return other in text and text.find(other) < text.rfind(mark) and text.find(other) < text.find(mark)
