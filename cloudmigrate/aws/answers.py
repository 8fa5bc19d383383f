"""Reading answers: what is no answer to the call is refused before botocore can take it for an empty list; instants fast.

botocore reads leniently: an empty body, an error document under HTTP 200, the XML of another operation or JSON of other members all
become "a document without members", which a listing cannot tell from "there is nothing". Other broken bodies leave its parsers as
KeyError or AttributeError. Here both become `BrokenAnswerError`, which never quotes the body: it may hold secrets.
"""

import ipaddress
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from botocore.parsers import ResponseParserError, ResponseParserFactory
from botocore.utils import parse_timestamp

from cloudmigrate.errors.sources import EndpointGapError, LoopbackOnlyError

# A gateway in front of AWS may say these in HTML while AWS is well a second later: botocore retries them.
PASSING_STATUSES = frozenset({502, 503, 504})
# What may stand before the first element: a byte order mark, blanks, comments, an XML declaration.
PROLOGUE = rb"(?:\xef\xbb\xbf)?(?:\s++|<!--.*?-->|<\?.*?\?>)*+"
HTML = re.compile(PROLOGUE + rb"<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
ROOT = re.compile(PROLOGUE + rb"<(?:[\w.-]+:)?([\w.-]+)", re.DOTALL)
PROLOGUE_BYTES = 8192
ISO_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)
JSON_PROTOCOLS = frozenset({"json", "rest-json"})
XML_PROTOCOLS = frozenset({"query", "ec2", "rest-xml"})
# Roots that may stand there without a child and that botocore's model does not name (S3 API reference).
S3_ROOTS: Mapping[str, str] = {
    "GetBucketNotificationConfiguration": "GetBucketNotificationResponse",  # moto's; AWS's own is the shape's name
    "GetBucketLogging": "BucketLoggingStatus",
    "GetBucketVersioning": "VersioningConfiguration",
    "ListBuckets": "ListAllMyBucketsResult",
}
S3_REDIRECTS = frozenset({301, 302, 307})
ERROR_ROOTS = frozenset({"Error", "ErrorResponse", "Errors", "Response"})
# What botocore's parsers let through when a document is not built as the model says.
PARSER_FAULTS = (AttributeError, IndexError, KeyError, TypeError, ValueError, RecursionError, OverflowError)


class BrokenAnswerError(ResponseParserError):  # type: ignore[misc]  # botocore has no types
    """An answer that is none to the call that was made; names service, operation and what is wrong, never the body."""

    def __init__(self, service: str, operation: str, what: str) -> None:
        self.service = service
        self.operation_name = operation
        super().__init__(f"{service}:{operation} was answered with {what}")


class GuardedParsers(ResponseParserFactory):  # type: ignore[misc]  # botocore has no types
    """botocore's parsers, whose only error is BrokenAnswerError. A session's component ``response_parser_factory``."""

    def create_parser(self, protocol_name: str) -> "GuardedParser":
        """The guarded parser of a protocol."""
        return GuardedParser(super().create_parser(protocol_name))


class GuardedParser:
    """A parser of botocore, guarded."""

    def __init__(self, parser: Any) -> None:
        self._parser = parser

    def parse(self, response: Mapping[str, Any], shape: Any) -> Any:
        """What botocore's parser makes of *response*. Raises BrokenAnswerError if it cannot."""
        try:
            parsed = self._parser.parse(response, shape)
        except (ResponseParserError, *PARSER_FAULTS) as error:
            raise _unreadable(response, type(error).__name__) from None  # its text and cause may quote the body
        if not isinstance(parsed, dict):
            raise _unreadable(response, "no members")
        if response["status_code"] > 300 and not _is_error(parsed.get("Error", {})):
            raise _unreadable(response, "no error")
        return parsed


def refuse_foreign_answers(operation_model: Any, response_dict: dict[str, Any], **_: Any) -> None:
    """Handler of botocore's ``before-parse``: raise on what is no answer to the operation; an error raised here is never retried.

    EndpointGapError for HTML: moto answers "not implemented" as HTTP 500 with HTML, a captive portal as HTTP 200 with HTML.
    BrokenAnswerError under a status of success for an empty body, broken JSON, or a document of something else. The document
    ``{}`` passes: that is how SQS and API Gateway say "none".
    """
    service = operation_model.service_model
    response_dict.setdefault("context", {})["service_name"] = service.service_name  # for the error of a parser that fails
    body = response_dict.get("body")
    status = int(response_dict["status_code"])
    if operation_model.has_streaming_output or not isinstance(body, bytes):
        return
    if HTML.match(body[:PROLOGUE_BYTES]):
        if status not in PASSING_STATUSES:
            raise EndpointGapError(service.service_name, operation_model.name, status)
        response_dict["body"] = b""  # botocore reads that as a bare 5xx and tries again, whatever the page's first words are
    if status in S3_REDIRECTS and service.service_name == "s3" and _leads_nowhere(response_dict["headers"], body):
        raise BrokenAnswerError(service.service_name, operation_model.name, f"HTTP {status} and no region to go to")
    if status < 300:
        wrong = _what_is_wrong(operation_model, service.resolved_protocol, body)
        if wrong:
            raise BrokenAnswerError(service.service_name, operation_model.name, wrong)


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


def _is_error(error: Any) -> bool:
    """Whether botocore can go on with this error document: it takes members and the code's type for granted."""
    return isinstance(error, Mapping) and isinstance(error.get("Code"), str | None)


def _unreadable(response: Mapping[str, Any], reason: str) -> BrokenAnswerError:
    context = response.get("context", {})
    service, operation = str(context.get("service_name", "aws")), str(context.get("operation_name", "a call"))
    return BrokenAnswerError(service, operation, f"HTTP {response['status_code']} and a document that cannot be read ({reason})")


def _leads_nowhere(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether a redirect is none of S3's: botocore would ask HeadBucket for the region, and for that one's redirect again, without end."""
    return "x-amz-bucket-region" not in headers and b"<Error>" not in body


def _what_is_wrong(operation_model: Any, protocol: str, body: bytes) -> str | None:
    """Why *body* cannot be a successful answer to the operation; None when it may be one."""
    output = operation_model.output_shape
    document = _document_shape(output)
    if document is None:
        return None
    if not body:
        return "an empty document"
    if document.type_name != "structure":
        return None  # the body is the caller's own bytes or text
    if protocol in JSON_PROTOCOLS:
        return _wrong_json(document, body)
    if protocol in XML_PROTOCOLS:
        return _wrong_xml(operation_model, document, body)
    return None


def _document_shape(output: Any) -> Any:
    """The shape that the body must have; None when nothing of the output lives in the body, or it may be bytes of any kind."""
    if output is None:
        return None
    payload = output.serialization.get("payload")
    if payload is not None:
        return None if output.members[payload].type_name == "blob" else output.members[payload]
    return output if _body_names(output) else None


def _body_names(shape: Any) -> frozenset[str]:
    """The names that members of *shape* bear in a body."""
    return frozenset(_names(shape))


def _names(shape: Any) -> Iterator[str]:
    for name, member in shape.members.items():
        if member.serialization.get("location") not in ("header", "headers", "statusCode"):
            if member.type_name == "list" and member.serialization.get("flattened"):
                yield member.member.serialization.get("name") or member.serialization.get("name", name)
            yield member.serialization.get("name", name)


def _wrong_json(document: Any, body: bytes) -> str | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return "broken JSON"
    if not isinstance(found, dict):
        return "JSON that is no object"
    expected = _body_names(document)
    if found and not expected & found.keys():
        return "an error under a status of success" if "__type" in found or "message" in found else "JSON of another kind"
    if "__type" in found and {"message", "Message"} & (found.keys() - expected):
        return "an error under a status of success"
    if not _fits(document, found):
        return "JSON that is not built as the service's model says"
    return None


def _fits(shape: Any, value: Any) -> bool:  # noqa: PLR0911 - one line for each kind of shape
    """Whether lists, maps and structures stand where the model has them. Scalars of another kind pass, except within lists."""
    if value is None or (shape.type_name == "structure" and shape.is_document_type):
        return True
    match shape.type_name:
        case "structure":
            return isinstance(value, dict) and all(
                _fits(member, value[key])
                for name, member in shape.members.items()
                if (key := member.serialization.get("name", name)) in value
            )
        case "list":
            if not isinstance(value, list):
                return False
            if shape.member.type_name == "string":
                return all(one is None or isinstance(one, str) for one in value)
            return all(_fits(shape.member, one) for one in value)
        case "map":
            return isinstance(value, dict) and all(_fits(shape.value, one) for one in value.values())
        case _:
            return not isinstance(value, dict | list)


def _wrong_xml(operation_model: Any, document: Any, body: bytes) -> str | None:
    """The root must be the operation's own, or at least hold a member of its output: emulators do not all name roots as AWS does."""
    root = ROOT.match(body[:PROLOGUE_BYTES])
    name = root.group(1).decode() if root else ""
    operation = operation_model.name
    members = _body_names(document)
    if name in ERROR_ROOTS:
        return "an error under a status of success"
    if name in (f"{operation}Response", document.name, document.serialization.get("name"), S3_ROOTS.get(operation)) or name in members:
        return None
    try:
        children = {str(child.tag).rpartition("}")[2] for child in ElementTree.fromstring(body)}  # noqa: S314 - expat here expands nothing outside
    except ElementTree.ParseError:
        return "broken XML"
    if children & members or f"{operation}Result" in children:
        return None
    return "XML of another kind"
