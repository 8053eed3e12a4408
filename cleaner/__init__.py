r"""Clean the text of articles: find what is not the article, take it out, and keep the way back.

>>> import cleaner
>>> result = cleaner.clean("Rain fell.\n\nAdvertisement\n\nThen it stopped.")
>>> result.text
'Rain fell.\n\nThen it stopped.\n'
>>> cleaner.restore(result.text, result.record)
'Rain fell.\n\nAdvertisement\n\nThen it stopped.'
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cleaner._version import __version__ as __version__

if TYPE_CHECKING:
    from cleaner.config import Config as Config
    from cleaner.model import CleanerError as CleanerError
    from cleaner.model import Record
    from cleaner.model import Result as Result
    from cleaner.pipeline import Cleaner as Cleaner

__all__ = [
    "Cleaner",
    "CleanerError",
    "Config",
    "Result",
    "__version__",
    "clean",
    "clean_file",
    "clean_html",
    "clean_many",
    "restore",
]
_LAZY = {"Cleaner": "cleaner.pipeline", "CleanerError": "cleaner.model", "Config": "cleaner.config", "Result": "cleaner.model"}


def __getattr__(name: str) -> Any:
    """Import the classes when they are asked for, so that importing the package costs next to nothing."""
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@cache
def _cleaner(config: Config | None) -> Cleaner:
    from cleaner.pipeline import Cleaner

    return Cleaner(config)


def clean(text: str, config: Config | None = None) -> Result:
    """Clean a text that an extractor or a scraper has produced."""
    return _cleaner(config).clean(text)


def clean_html(html: str | bytes, url: str | None = None, config: Config | None = None) -> Result:
    """Select the article of an HTML page and clean it.

    The raw text of the result is the text that was extracted from the page. Raises `InputError` if
    the page cannot be parsed.
    """
    return _cleaner(config).clean_html(html, url)


def clean_file(path: str | Path, config: Config | None = None) -> Result:
    """Clean a text file, or an HTML page if the name ends so. Raises `InputError` if it cannot be read."""
    return _cleaner(config).clean_file(path)


def clean_many(texts: Iterable[str], config: Config | None = None) -> Iterator[Result]:
    """Clean texts one after the other; results come in their order."""
    return _cleaner(config).clean_many(texts)


def restore(text: str, record: Record | Mapping[str, Any]) -> str:
    """The raw text that the record's edits turned into the clean text; the record may also be what its JSON holds.

    Raises `RecordError` if the record is damaged or belongs to another text.
    """
    from cleaner.provenance import restore

    return restore(text, record)
