"""From an HTML page to the text of its article, by trafilatura."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from cleaner.dates import find_date
from cleaner.model import Extraction, InputError, Metadata
from cleaner.provenance import digest

OPTIONS: dict[str, Any] = {
    "include_comments": False,
    "include_tables": True,
    "include_formatting": False,
    "include_links": False,
    "include_images": False,
    "deduplicate": False,
    "favor_precision": False,
    "favor_recall": False,
}
"""Every option that is not ours to leave to a default. `deduplicate` would make results depend on earlier pages."""


@dataclass(frozen=True, slots=True)
class Extracted:
    """The text of a page's article, how it was made, and what the page's markup states about it."""

    text: str
    extraction: Extraction
    metadata: Metadata


def extract(html: str | bytes, url: str | None = None) -> Extracted:
    """Select the article of a page.

    A page without an article gives an empty text. Raises `InputError` if the page cannot be parsed.
    """
    import trafilatura

    data = html.encode("utf-8", "surrogatepass") if isinstance(html, str) else html
    try:
        document = trafilatura.bare_extraction(html, url=url, with_metadata=True, **OPTIONS)
    except Exception as error:  # trafilatura and lxml raise many kinds on broken pages
        raise InputError(f"the page cannot be parsed: {type(error).__name__}: {error}") from error
    text = (getattr(document, "text", None) or "") if document is not None else ""
    extraction = Extraction("trafilatura", version("trafilatura"), OPTIONS, digest(data), digest(text))
    return Extracted(text, extraction, _stated(document))


def _stated(document: Any) -> Metadata:
    if document is None:
        return Metadata()
    authors = tuple(name.strip() for name in (document.author or "").split(";") if name.strip())
    return Metadata(
        title=document.title or "",
        authors=authors,
        published=find_date(document.date or ""),
        tags=tuple(document.tags or ()),
    )
