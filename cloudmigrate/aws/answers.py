"""Reading answers: HTML pages and broken JSON are refused before botocore can take them for an empty list; instants fast."""

import ipaddress
import json
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from botocore.parsers import ResponseParserError
from botocore.utils import parse_timestamp

from cloudmigrate.errors import EndpointGapError, LoopbackOnlyError

# A gateway in front of AWS may say these in HTML while AWS is well a second later: botocore retries them.
PASSING_STATUSES = frozenset({502, 503, 504})
HTML_STARTS = (b"<!doctype html", b"<html")
ISO_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)
JSON_PROTOCOLS = frozenset({"json", "rest-json"})


def refuse_foreign_answers(operation_model: Any, response_dict: dict[str, Any], **_: Any) -> None:
    """Handler of botocore's ``before-parse``: raise on HTML and on JSON cut short; an error raised here is never retried.

    moto answers "not implemented" as HTTP 500 with HTML, a captive portal as HTTP 200 with HTML. For JSON services botocore
    takes any text for a document without members, which would show a broken answer as "there is nothing".
    """
    body = response_dict.get("body")
    status = int(response_dict["status_code"])
    if operation_model.has_streaming_output or not isinstance(body, bytes) or not body:
        return
    service = operation_model.service_model
    if body[:64].lstrip().lower().startswith(HTML_STARTS):
        if status not in PASSING_STATUSES:
            raise EndpointGapError(service.service_name, operation_model.name, status)
        response_dict["body"] = b""  # botocore reads that as a bare 5xx and tries again, whatever the page's first words are
    if status < 300 and service.resolved_protocol in JSON_PROTOCOLS:
        _require_json(body, service.service_name, operation_model)


def refuse_far_hosts(request: Any, **_: Any) -> None:
    """Handler of botocore's ``before-send``: raise LoopbackOnlyError unless the request stays on this machine."""
    if not is_loopback(request.url):
        raise LoopbackOnlyError(request.url.partition("?")[0])


def parse_instant(value: Any) -> datetime:
    """An aware instant from a timestamp of an answer: botocore's own rules, with a fast way for what AWS nearly always sends.

    GetMetricData answers 100,800 timestamps a call; botocore's parser takes 1.4 s for them, this 0.2 s.
    """
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    if isinstance(value, str) and ISO_INSTANT.fullmatch(value):
        return datetime.fromisoformat(value)
    parsed: datetime = parse_timestamp(value)
    return parsed


def is_loopback(url: str) -> bool:
    """Whether *url* names this machine."""
    host = (urlsplit(url).hostname or "").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name, such as 127.0.0.1.example.com
        return False


def _require_json(body: bytes, service: str, operation_model: Any) -> None:
    output = operation_model.output_shape
    payload = output.serialization.get("payload") if output is not None else None
    if payload is not None and output.members[payload].type_name != "structure":
        return  # the body is the caller's own bytes or text, not a document
    try:
        json.loads(body)
    except ValueError as error:
        raise ResponseParserError(f"{service}:{operation_model.name} was answered with broken JSON ({error})") from error
