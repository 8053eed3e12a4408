"""The white space between lines: what every clean copy has in common."""

from __future__ import annotations

from collections.abc import Iterator

from cleaner.model import NORMALIZING, Document, Finding, Rule

PARAGRAPH, TIGHT, FINAL = "\n\n", "\n", "\n"
BETWEEN = "one blank line between paragraphs"
INSIDE = "one line break inside a block"
END = "one line break at the end"
FRONT = "no white space in front"


def paragraphs(rule: Rule, document: Document) -> Iterator[Finding]:
    """A blank line between paragraphs, a single break inside blocks, one at the end, none in front.

    The indentation of lines inside a block stays: it means something in verse, lists and code.
    """
    behind = 0
    for line in document.lines:
        is_indented = line.tight or (line.index + 1 < len(document.lines) and document.lines[line.index + 1].tight)
        wanted, name = ("", FRONT) if line.index == 0 else (TIGHT, INSIDE) if line.tight else (PARAGRAPH, BETWEEN)
        yield from _gap(rule, document, (behind, line.offset), wanted, name, keep_indent=is_indented)
        behind = line.offset + len(line.text)
    wanted, name = (FINAL, END) if document.lines else ("", FRONT)
    yield from _gap(rule, document, (behind, len(document.text)), wanted, name, keep_indent=False)


def _gap(
    rule: Rule, document: Document, span: tuple[int, int], wanted: str, name: str, *, keep_indent: bool
) -> Iterator[Finding]:
    start, end = span
    gap = document.text[start:end]
    if keep_indent:
        indent = len(gap) - len(gap.rstrip(" \t"))
        gap, end = gap[: len(gap) - indent], end - indent
    if gap == wanted:
        return
    first = document.to_raw(start)
    last = max(first, document.to_raw(end, end=True))
    edits = document.edits_in(first, last)
    if not edits:
        yield Finding(rule, first, last, wanted, rule.confidence, name)
        return
    cuts = [edit for edit in edits if edit.finding.rule.category not in NORMALIZING]
    # What junk left of the gap on either side stays apart: its removal keeps its own entry in the record.
    starts, ends = [first, *(edit.end for edit in cuts)], [*(edit.start for edit in cuts), last]
    pieces = [(a, b) for a, b in zip(starts, ends, strict=True) if a < b] or [(first, first)]
    for at, (a, b) in enumerate(pieces):
        replacement = "" if at else wanted
        if document.raw[a:b] != replacement or document.edits_in(a, b):
            yield Finding(rule, a, b, replacement, rule.confidence, name)
