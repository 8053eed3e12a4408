"""From findings to edits: which claims are carried out, and which white space goes with them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from cleaner.model import Document, Edit, Finding


def resolve(document: Document, findings: Iterable[Finding]) -> list[Edit]:
    """Choose findings that do not overlap and make edits of them, in text order.

    Wide findings win over those they overlap, then the surer, then the earlier one (the order is
    total: it does not matter in which order findings come). A finding that deletes whole lines
    takes the gap to the next line along, but for what other findings change there.
    """
    chosen = [finding for cluster in _clusters(findings) for finding in _winners(cluster)]
    if not chosen:
        return []
    line_starts = [line.start for line in document.lines]
    edit_starts = [edit.start for edit in document.edits]
    next_starts = [*(finding.start for finding in chosen[1:]), len(document.raw)]
    return [
        _edit(document, line_starts, edit_starts, finding, next_start)
        for finding, next_start in zip(chosen, next_starts, strict=False)
    ]


class Spans:
    """Spans of the raw text, to ask which others overlap them without going through all."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        """Sort the spans and join those that overlap; such as only touch stay apart, as nothing between them is inside."""
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(spans):
            if self._ends and start < self._ends[-1]:
                self._ends[-1] = max(end, self._ends[-1])
            else:
                self._starts.append(start)
                self._ends.append(end)

    def overlap(self, start: int, end: int) -> bool:
        """True if a character of the span, or an empty span itself, lies inside one of them."""
        at = bisect_right(self._ends, start)
        return at < len(self._starts) and self._starts[at] < end

    def hold(self, start: int, end: int) -> bool:
        """True if the whole span lies inside one of them."""
        at = bisect_right(self._starts, start) - 1
        return at >= 0 and end <= self._ends[at]


def merge(document: Document, more: Sequence[Edit]) -> tuple[Edit, ...]:
    """Add the edits of a later round to those of the document.

    They may swallow earlier edits, but never cut one in two. A space that an earlier round put
    between two words goes with the word that is cut, if nothing is left on that side of the line.
    """
    starts = [edit.start for edit in more]
    line_starts = {line.start for line in document.lines}
    line_ends = {line.end for line in document.lines}

    def swallowed(edit: Edit) -> bool:
        if edit.start < edit.end:
            at = bisect_right(starts, edit.start) - 1
            return at >= 0 and edit.end <= more[at].end
        at = bisect_right(starts, edit.start) - 1
        if at >= 0 and more[at].start == edit.start and not more[at].replacement and more[at].end in line_ends:
            return True
        at = bisect_left(starts, edit.start) - 1
        if at < 0:
            return False
        is_first = more[at].start in line_starts and not more[at].replacement
        return edit.end < more[at].end or (edit.end == more[at].end and is_first)

    kept = [edit for edit in document.edits if not swallowed(edit)]
    return tuple(sorted([*kept, *more], key=lambda edit: (edit.start, edit.end)))


def _clusters(findings: Iterable[Finding]) -> Iterator[list[Finding]]:
    """Groups of findings that overlap, directly or through others, in text order."""
    cluster: list[Finding] = []
    end = -1
    for finding in sorted(findings, key=lambda finding: finding.start):
        if cluster and finding.start >= end and finding.start > cluster[0].start:
            yield cluster
            cluster = []
        end = max(end, finding.end) if cluster else finding.end
        cluster.append(finding)
    if cluster:
        yield cluster


def _winners(cluster: list[Finding]) -> list[Finding]:
    """The findings of a cluster that are carried out, in text order."""
    if len(cluster) == 1:
        return cluster
    chosen: list[Finding] = []
    for finding in sorted(cluster, key=lambda finding: finding.order):
        at = bisect_right(chosen, finding.start, key=lambda other: other.start)
        if not any(_clash(other, finding) for other in chosen[max(0, at - 1) : at + 1]):
            chosen.insert(at, finding)
    return chosen


def _clash(one: Finding, other: Finding) -> bool:
    return one.start == other.start or (one.start < other.end and other.start < one.end)


def _edit(document: Document, line_starts: list[int], edit_starts: list[int], finding: Finding, next_start: int) -> Edit:
    lines = document.lines
    start, end = finding.start, finding.end
    first = bisect_left(line_starts, start)
    last = bisect_right(line_starts, max(start, end - 1)) - 1
    whole_lines = first <= last and lines[first].start == start and lines[last].end == end
    if whole_lines and start < end and not finding.replacement:
        end = min(next_start, lines[last + 1].start if last + 1 < len(lines) else len(document.raw))
        behind = bisect_left(edit_starts, finding.end)
        if behind < len(edit_starts):
            end = min(end, edit_starts[behind])
    return Edit(start, end, finding.replacement, finding)
