r"""Clean the text of articles: find what is not the article, take it out, and keep the way back.

>>> import cleaner
>>> result = cleaner.clean("Rain fell.\n\nAdvertisement\n\nThen it stopped.")
>>> result.text
'Rain fell.\n\nThen it stopped.\n'
>>> cleaner.restore(result.text, result.record)
'Rain fell.\n\nAdvertisement\n\nThen it stopped.'
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    "clean_batch",
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


def _cleaner(config: Config | None) -> Cleaner:
    from cleaner.config import Config
    from cleaner.pipeline import cleaner_for

    return cleaner_for(config if config is not None else Config())


def clean(text: str, config: Config | None = None) -> Result:
    """Clean a text that an extractor or a scraper has produced. Raises `InputError` for anything but a string."""
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


def clean_many(texts: Iterable[str], config: Config | None = None, workers: int = 1) -> Iterator[Result]:
    """Clean texts in `workers` processes (0: one per core); results come in the order of the texts, as they are asked for.

    With more than one worker a script needs the `if __name__ == "__main__":` that `multiprocessing` asks for.
    Raises `WorkerError` if a process dies, and `InputError` for what is no text.
    """
    return _cleaner(config).clean_many(texts, workers)


def clean_batch(
    batch: Mapping[str, Sequence[Any]],
    text_field: str = "text",
    html_field: str | None = None,
    field_prefix: str = "",
    config: Config | None = None,
) -> dict[str, Any]:
    """Clean a batch of rows: a list of values for each field in, and out.

    This is the form in which `map(batched=True)` of Hugging Face datasets and `map_batches` of Ray Data hand out rows.
    The clean text takes the place of the raw one; with `html_field` it comes from the pages there. New fields are
    `metadata`, `flags` and `record`, as JSON, with `field_prefix` before their names. Raises `InputError` if a field is
    missing or taken, or a row cannot be cleaned.
    """
    from cleaner.rows import Fields, clean_batch

    return clean_batch(_cleaner(config), batch, Fields(text=text_field, html=html_field or "", prefix=field_prefix))


def restore(text: str, record: Record | Mapping[str, Any] | str) -> str:
    """The raw text that the record's edits turned into the clean text; the record may also be its JSON, or what that holds.

    Raises `RecordError` if the record is damaged or belongs to another text.
    """
    from cleaner.provenance import parse_record, restore

    return restore(text, parse_record(record) if isinstance(record, str) else record)
