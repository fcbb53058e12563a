"""Structured lines for machines; the journal is for people. Secrets never reach a line."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

_SECRET_KEYS = re.compile(r"(?i)pass(word|wd)?|token|jwt|secret|authorization|api[_-]?key|cookie")
_SECRET_VALUES = re.compile(
    r"(?i)\b(bearer|dpop|basic)\s+[\w.~+/=-]+|eyJ[\w-]{8,}\.[\w-]+\.[\w-]*|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
)
_NOISY = (
    "httpx",
    "httpx2",
    "httpcore",
    "httpcore2",
    "atproto",
    "tweepy",
    "oauthlib",
    "requests_oauthlib",
    "websockets",
    "uvicorn",
    "alembic",
    "urllib3",
    "PIL",
)


def set_up(*, level: str, style: str, stream: TextIO | None = None) -> None:
    """Send log lines to a stream, standard output unless told.

    Args:
        level: "debug", "info", "warning" or "error".
        style: "json", "text", or "auto": text on a terminal, JSON elsewhere.
    """
    out = stream or sys.stdout
    people = style == "text" or (style == "auto" and out.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        # frame locals hold tokens: they are never shown
        structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
        redact,
    ]
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=out.isatty()) if people else structlog.processors.JSONRenderer(default=str)
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer], foreign_pre_chain=shared
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.getLevelNamesMapping()[level.upper()])
    # a bell that rings while its ringer still runs is rung late: nothing that a person needs to know
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    for name in _NOISY:  # at debug level some of these print the Authorization header
        logging.getLogger(name).setLevel(logging.WARNING)


def redact(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Black out what looks like a secret, by key and by value, however deep."""
    for key in list(line):
        line[key] = "***" if _SECRET_KEYS.search(key) else _clean(line[key])
    return line


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _SECRET_VALUES.sub("***", value)
    if isinstance(value, dict):
        return {
            key: "***" if isinstance(key, str) and _SECRET_KEYS.search(key) else _clean(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_clean(inner) for inner in value]
    return value
