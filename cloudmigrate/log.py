"""Structured logs on stderr: JSON lines in a pipe, readable on a terminal, one correlation id throughout, never a secret.

`configure` may be called again (after Prefect was imported, which brings handlers of its own); the last call holds. structlog is
imported with the first logger or the first line to write: it takes a seventh of a second, and most short commands write none.
"""

import contextlib
import contextvars
import logging
import secrets
import sys
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, ParamSpec, TextIO, TypeVar

from cloudmigrate.masking import masked, masked_text
from cloudmigrate.settings import Settings

if TYPE_CHECKING:
    import structlog
    from structlog.typing import EventDict, Processor, WrappedLogger

__all__ = ["bound", "carried", "configure", "correlation_id", "ensure_configured", "get_logger", "masked", "new_correlation_id", "short_id"]

P = ParamSpec("P")
R = TypeVar("R")

OURS = "cloudmigrate"
CORRELATION = "correlation_id"
# Libraries whose everyday talk hides ours; at DEBUG they may tell what happened, not each byte of it.
QUIET = (
    "boto3",
    "botocore",
    "s3transfer",
    "urllib3",
    "httpx",
    "httpcore",
    "prefect",
    "alembic",
    "sqlalchemy",
    "great_expectations",
    "moto",
)


_settings: list[Settings] = []  # the last that `configure` was told, as long as structlog was not
_early_id: contextvars.ContextVar[str | None] = contextvars.ContextVar("early_correlation_id", default=None)  # made before structlog came


def get_logger(name: str = OURS) -> "structlog.stdlib.BoundLogger":
    """The logger of a module; all of ours hang under one parent, so that one handler serves them."""
    _load()
    import structlog

    full = name if name == OURS or name.startswith(f"{OURS}.") else f"{OURS}.{name}"
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(full)
    return logger


def short_id() -> str:
    """Six random hex digits."""
    return secrets.token_hex(3)


def new_correlation_id() -> str:
    """A new correlation id, now bound to this context: every event and API call from here on bears it."""
    made = secrets.token_hex(8)
    _early_id.set(made)
    if "structlog" in sys.modules:
        _load()
    return made


def correlation_id() -> str | None:
    """The correlation id of this context."""
    if "structlog" not in sys.modules:
        return _early_id.get()
    _load()
    import structlog

    found = structlog.contextvars.get_contextvars().get(CORRELATION)
    return None if found is None else str(found)


def _load() -> None:
    """Import structlog, and tell it what was decided before it came: settings and this context's correlation id."""
    import structlog

    if _settings:
        _tell_structlog()
    early = _early_id.get()
    if early is not None:
        structlog.contextvars.bind_contextvars(**{CORRELATION: early})
        _early_id.set(None)


@contextlib.contextmanager
def bound(correlation: str | None = None, **fields: Any) -> Iterator[None]:
    """Within it, every event bears *fields*, and *correlation* as its correlation id if one is given."""
    _load()
    import structlog

    if correlation is not None:
        fields[CORRELATION] = correlation
    with structlog.contextvars.bound_contextvars(**fields):
        yield


def carried(function: Callable[P, R]) -> Callable[P, R]:
    """*function* as it would run here: a worker thread that calls it logs with this context's correlation id and fields."""
    here = contextvars.copy_context()

    def in_context(*args: P.args, **kwargs: P.kwargs) -> R:
        # A context can be entered by one thread at a time; each call takes its own copy.
        return here.copy().run(function, *args, **kwargs)

    return in_context


class _StderrHandler(logging.StreamHandler[TextIO]):
    """Writes to whatever sys.stderr is at the time (progress displays and tests replace it)."""

    def __init__(self, *, libraries: str = "WARNING") -> None:
        logging.Handler.__init__(self)
        self._libraries = logging.getLevelNamesMapping()[libraries]

    def emit(self, record: logging.LogRecord) -> None:
        """Write ours, and of libraries what is severe enough: some set their own loggers' levels when they are imported."""
        if record.name == OURS or record.name.startswith(f"{OURS}.") or record.levelno >= self._libraries:
            super().emit(record)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        """The present stderr."""
        return sys.stderr


class _Mask(logging.Filter):
    """Masks records on their way to handlers that are not ours (Prefect's sends them to its server)."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the record, without secrets."""
        if not isinstance(record.msg, dict):
            record.msg, record.args = masked_text(record.getMessage()), None
        if record.exc_info and not record.exc_text:
            record.exc_text = masked_text(logging.Formatter().formatException(record.exc_info))
        return True


class _LaterFormatter(logging.Formatter):
    """Formats as the settings say; what that takes is imported with the first record."""

    def __init__(self, *, as_json: bool, colours: bool) -> None:
        super().__init__()
        self._as_json = as_json
        self._colours = colours

    @cached_property
    def _made(self) -> logging.Formatter:
        return _formatter(as_json=self._as_json, colours=self._colours)

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line."""
        return self._made.format(record)


def configure(settings: Settings) -> None:
    """Send all logs of this process to stderr as *settings* say."""
    _settings[:] = [settings]
    if "structlog" in sys.modules:
        _load()
    handler = _StderrHandler(libraries=_library_level(settings.log_level))
    on_terminal = _is_terminal(sys.stderr)
    as_json = settings.log_format == "json" or (settings.log_format == "auto" and not on_terminal)
    handler.setFormatter(_LaterFormatter(as_json=as_json, colours=settings.colour and on_terminal))
    _install(handler, settings.log_level)


def ensure_configured(settings: Settings) -> None:
    """Configure unless this process already is: a flow run of a worker is no command that would have done it."""
    _load()
    import structlog

    if not structlog.is_configured():
        configure(settings)


def _tell_structlog() -> None:
    import structlog

    _settings.clear()
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _shared() -> "list[Processor]":
    """What every event goes through, ours and those of libraries."""
    import structlog

    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        _masked_event,
    ]


def _formatter(*, as_json: bool, colours: bool) -> logging.Formatter:
    """JSON lines, or lines for a terminal."""
    _load()
    import structlog

    last: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if as_json:
        last.append(structlog.processors.JSONRenderer())
    else:
        last += [_without_control_characters, structlog.dev.ConsoleRenderer(colors=colours)]
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_shared(), processors=last)


def _install(handler: logging.Handler, level: str) -> None:
    # Ours do not depend on the root logger, because Prefect sets that one up anew when it is imported.
    ours = logging.getLogger(OURS)
    ours.handlers = [*(one for one in ours.handlers if not isinstance(one, _StderrHandler)), handler]
    for one in ours.handlers:
        if not isinstance(one, _StderrHandler):
            one.setFormatter(_plain_formatter())  # Prefect's handler, which sends our events to its server
    ours.propagate = False
    ours.setLevel(level)
    root = logging.getLogger()
    root.handlers = [*(one for one in root.handlers if not isinstance(one, _StderrHandler) and not _talks_to_terminal(one)), handler]
    root.setLevel("WARNING")
    libraries = _library_level(level)
    for name in list(logging.root.manager.loggerDict):
        if name.split(".")[0] in QUIET:
            _route(logging.getLogger(name))
    for name in QUIET:
        logging.getLogger(name).setLevel(libraries)


def _plain_formatter() -> logging.Formatter:
    """One line per event, without what a log server records by itself."""
    import structlog

    return structlog.stdlib.ProcessorFormatter(
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _without_control_characters,
            _without("timestamp", "level", "logger"),
            structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0),
        ]
    )


def _without(*names: str) -> "Processor":
    def drop(_logger: "WrappedLogger", _method: str, event: "EventDict") -> "EventDict":
        return {key: value for key, value in event.items() if key not in names}

    return drop


def _library_level(ours: str) -> str:
    return "INFO" if ours == "DEBUG" else ours if ours == "ERROR" else "WARNING"


def _route(logger: logging.Logger) -> None:
    """Let a library's logger speak through our handler only; handlers that send elsewhere stay, and get masked records."""
    logger.handlers = [one for one in logger.handlers if not _talks_to_terminal(one)]
    for one in logger.handlers:
        if not any(isinstance(known, _Mask) for known in one.filters):
            one.addFilter(_Mask())
    logger.propagate = True


def _talks_to_terminal(handler: logging.Handler) -> bool:
    return type(handler).__name__ in ("PrefectConsoleHandler", "RichHandler", "ConsoleHandler") or (
        type(handler) is logging.StreamHandler and getattr(handler, "stream", None) in (sys.stderr, sys.stdout)
    )


def _is_terminal(stream: TextIO) -> bool:
    return bool(getattr(stream, "isatty", lambda: False)())


def _masked_event(_logger: "WrappedLogger", _method: str, event: "EventDict") -> "EventDict":
    """The event without secrets; structlog's own entries (names with an underscore) pass as they are."""
    own = {key: event.pop(key) for key in [key for key in event if key.startswith("_")]}
    result: EventDict = {**masked(dict(event)), **own}
    return result


def _without_control_characters(_logger: "WrappedLogger", _method: str, event: "EventDict") -> "EventDict":
    """The event with control characters spelled out: a hostile tag must not move a terminal's cursor or fake a line."""
    return {
        key: value if key.startswith("_") else _spelled_out(value, newlines=key in ("exception", "stack")) for key, value in event.items()
    }


def _spelled_out(value: Any, *, newlines: bool = False) -> Any:
    if isinstance(value, str):
        kept = "\n\t" if newlines else ""
        return "".join(one if one.isprintable() or one in kept else one.encode("unicode_escape").decode() for one in value)
    if isinstance(value, dict):
        return {_spelled_out(key): _spelled_out(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_spelled_out(one) for one in value]
    return value
