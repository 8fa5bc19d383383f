"""The stand-in for AWS's pricing and savings plans services, on the emulator's own port: moto has neither.

Requests are held against botocore's models of the services, and so are answers, so that a client cannot tell it from the real ones by
their shape. There is no source for rates of savings plans: of those it says, truly, that there are none.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from cloudmigrate.simulate import price_queries
from cloudmigrate.simulate.price_queries import FILES, Json, RefusedError, offer_file

PRICING, SAVINGS_PLANS = "pricing", "savingsplans"
TARGET_PREFIX = "AWSPriceListService."
SCOPE = re.compile(r"Credential=[^/]+/\d{8}/[^/]+/(?P<service>[^/]+)/aws4_request")
SENTENCES = {400: "400 Bad Request", 404: "404 Not Found", 200: "200 OK"}
WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]
Answer = Callable[[Json, str], Json]

ANSWERS: Mapping[tuple[str, str], Answer] = {
    (PRICING, "DescribeServices"): lambda request, _: price_queries.describe_services(request),
    (PRICING, "GetAttributeValues"): lambda request, _: price_queries.get_attribute_values(request),
    (PRICING, "GetProducts"): lambda request, _: price_queries.get_products(request),
    (PRICING, "ListPriceLists"): lambda request, _: price_queries.list_price_lists(request, _instant(request["EffectiveDate"])),
    (PRICING, "GetPriceListFileUrl"): price_queries.get_price_list_file_url,
    (SAVINGS_PLANS, "DescribeSavingsPlans"): lambda *_: {"savingsPlans": []},
    (SAVINGS_PLANS, "DescribeSavingsPlansOfferings"): lambda *_: {"searchResults": []},
    (SAVINGS_PLANS, "DescribeSavingsPlansOfferingRates"): lambda *_: {"searchResults": []},
}


def with_prices(app: WsgiApp) -> WsgiApp:
    """*app* that also answers as the pricing and savings plans services do, and serves the files of price lists."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))
        if environ.get("REQUEST_METHOD") in ("GET", "HEAD") and path.startswith(FILES) and _service_of(environ) is None:
            return _file(path, environ, start_response)
        service = _service_of(environ)
        if service not in (PRICING, SAVINGS_PLANS):
            return app(environ, start_response)
        operation = str(environ.get("HTTP_X_AMZ_TARGET", "")).removeprefix(TARGET_PREFIX) if service == PRICING else path.strip("/")
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        try:
            status, told = 200, answered(service, operation, body, _endpoint(environ))
        except RefusedError as refusal:
            status, told = 400, {"__type": refusal.code, "message": refusal.message}
        text = json.dumps(told, default=str).encode()
        kind = "application/x-amz-json-1.1" if service == PRICING else "application/json"
        headers = [("Content-Type", kind), ("Content-Length", str(len(text)))]
        if status != 200:
            headers.append(("x-amzn-ErrorType", told["__type"]))
        start_response(SENTENCES[status], headers)
        return [text]

    return answer


def answered(service: str, operation: str, body: bytes, endpoint: str) -> Json:
    """The answer to one call, checked on the way in and out. Raises RefusedError for what the service would refuse."""
    from botocore.validate import ParamValidator

    model = _model(service)
    if operation not in model.operation_names or (service, operation) not in ANSWERS:
        raise RefusedError("UnknownOperationException", f"The operation {operation} is not answered here.")
    shapes = model.operation_model(operation)
    try:
        request = json.loads(body or b"{}")
    except ValueError as error:
        raise RefusedError("SerializationException", str(error)) from error
    report = ParamValidator().validate(request, shapes.input_shape)
    if report.has_errors():
        raise RefusedError("InvalidParameterException" if service == PRICING else "ValidationException", report.generate_report())
    told = ANSWERS[service, operation](request, endpoint)
    report = ParamValidator().validate(told, shapes.output_shape)
    if report.has_errors():
        raise ValueError(f"{service}:{operation} would answer what botocore's model does not know: {report.generate_report()}")
    return told


def _file(path: str, environ: Mapping[str, Any], start_response: Any) -> Iterable[bytes]:
    held = offer_file(path)
    status, text = (404, b"no such price list") if held is None else (200, held)
    kind = "text/csv" if path.endswith(".csv") and held else "application/json" if held else "text/plain"
    start_response(SENTENCES[status], [("Content-Type", kind), ("Content-Length", str(len(text)))])
    return [] if environ.get("REQUEST_METHOD") == "HEAD" else [text]


def _service_of(environ: Mapping[str, Any]) -> str | None:
    """The service that a signed request is for."""
    found = SCOPE.search(str(environ.get("HTTP_AUTHORIZATION", "")))
    return found["service"] if found else None


def _endpoint(environ: Mapping[str, Any]) -> str:
    return f"{environ.get('wsgi.url_scheme', 'http')}://{environ['HTTP_HOST']}"


def _instant(value: Any) -> datetime:
    from botocore.utils import parse_to_aware_datetime

    instant: datetime = parse_to_aware_datetime(value)
    return instant


@cache
def _model(service: str) -> Any:
    import botocore.session

    return botocore.session.get_session().get_service_model(service)
