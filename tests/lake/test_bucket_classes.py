"""What a bucket costs by class, and which class its access speaks for: bucket_access, bucket_classes, bucket_lines, worked out by hand."""

from decimal import Decimal
from typing import Any

import pytest

from cloudmigrate.domain.cost_policy import CostPolicy
from cloudmigrate.domain.cost_rates import RATE_RULES
from cloudmigrate.domain.object_classes import CLASS_OFFERS, STORAGE_TYPES
from cloudmigrate.lake.costs import prepare_lines, write_costs
from cloudmigrate.lake.results import python_value, rows_of
from tests.cost_lake import lake_views, lines_of, price, row_of, thing, together, used, written

GIB, DAY = 1024**3, 86_400
BUCKET = "AWS::S3::Bucket"
WHOLE = [{"Id": "EntireBucket"}]
# (usage type, product family, price, unit): Frankfurt's, rounded so that sums are easy.
PRICES = (
    ("TimedStorage-ByteHrs", "Storage", "0.025"),
    ("TimedStorage-SIA-ByteHrs", "Storage", "0.014"),
    ("TimedStorage-GIR-ByteHrs", "Storage", "0.005"),
    ("TimedStorage-INT-FA-ByteHrs", "Storage", "0.025"),
    ("TimedStorage-INT-IA-ByteHrs", "Storage", "0.014"),
    ("TimedStorage-GlacierByteHrs", "Storage", "0.004"),
    ("Requests-Tier1", "API Request", "0.000005"),
    ("Requests-Tier2", "API Request", "0.0000004"),
    ("Requests-SIA-Tier1", "API Request", "0.00001"),
    ("Requests-SIA-Tier2", "API Request", "0.000001"),
    ("Requests-GIR-Tier1", "API Request", "0.00002"),
    ("Requests-GIR-Tier2", "API Request", "0.00001"),
    ("Requests-INT-Tier1", "API Request", "0.000005"),
    ("Requests-INT-Tier2", "API Request", "0.0000004"),
    ("Retrieval-SIA", "Data Transfer", "0.01"),
    ("Retrieval-GIR", "Data Transfer", "0.03"),
    ("Monitoring-Automation-INT", "Fee", "0.0000025"),
)


def costs_of(*, spec: dict[str, Any] | None = None, prices: Any = PRICES, **measured: Any) -> dict[str, Any]:
    """The rows of costs of one bucket, by scenario; *measured*: metric -> mean (of sizes in GiB), or the status of a question."""
    rows = [price("AmazonS3", family, usage, amount, "GB-Mo") for usage, family, amount in prices]
    found = []
    for metric, value in measured.items():
        name = metric.replace("__", "/")
        if isinstance(value, str):
            asked = row_of("metric_coverage", uid="b", account_id="1", region="r", type=BUCKET, metric=name, stat="Sum", period_s=300)
            found.append({"metric_coverage": [asked | {"status": value, "points": 0, "detail": "refused" if value == "denied" else None}]})
        elif name.startswith("BucketSizeBytes"):
            found.append(used("b", name, value * GIB, period_s=DAY))
        else:
            found.append(used("b", name, value, period_s=DAY if name == "NumberOfObjects" else 3600))
    bucket = thing("b", BUCKET, **(spec or {}))
    with lake_views(together({"inventory": [bucket], "prices": rows}, *found)) as views:
        return {
            row["scenario"]: row for row in written(views, "costs", write_costs(views, CostPolicy()).path) if row["term"] == "on_demand"
        }


def told(row: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    """Key and quantity by line."""
    return {name: (one["rate_key"], one["quantity"]) for name, one in lines_of(row).items()}


def test_every_way_of_storing_has_a_rate() -> None:
    keys = {rule.key for rule in RATE_RULES}
    assert {one.key for one in STORAGE_TYPES} <= keys
    assert {key for offer in CLASS_OFFERS for key in offer.keys if key} <= keys


def test_every_class_is_priced_by_its_own_rate() -> None:
    """100 GiB in Standard (2.50), 40 in Standard-IA and 2 of its small objects' rest (0.588), 500 in Glacier (2.00): 5.088."""
    sizes = {"BucketSizeBytes": 100, "BucketSizeBytes__StandardIAStorage": 40, "BucketSizeBytes__StandardIASizeOverhead": 2}
    found = costs_of(**sizes, BucketSizeBytes__GlacierStorage=500)["as_is"]
    assert told(found) == {
        "storage": ("s3:standard:storage", "100.000000"),
        "storage StandardIAStorage": ("s3:standard-ia:storage", "40.000000"),
        "storage StandardIASizeOverhead": ("s3:standard-ia:storage", "2.000000"),
        "storage GlacierStorage": ("s3:glacier:storage", "500.000000"),
        "requests tier1": ("s3:requests:tier1", None),
    }
    assert (found["monthly_cost_usd"], found["status"]) == (Decimal("5.088"), "partly")


def test_a_bucket_without_standard_data_has_no_such_bytes_and_one_without_a_size_is_not_known() -> None:
    found = costs_of(BucketSizeBytes="no_data", BucketSizeBytes__GlacierStorage=500)["as_is"]
    assert told(found)["storage"] == ("s3:standard:storage", "0.000000")
    assert costs_of()["as_is"]["status"] == "unpriced"


def test_what_could_not_be_listed_is_not_taken_for_nothing() -> None:
    found = costs_of(BucketSizeBytes=100, BucketSizeBytes__GlacierStorage="denied")["as_is"]
    assert "which other classes it holds is not known: refused" in found["reason"]


def test_objects_of_intelligent_tiering_are_monitored() -> None:
    """10 GiB frequent (0.25), 90 infrequent (1.26), at most 40,000 objects (0.10): 1.51 to 1.61."""
    sizes = {"BucketSizeBytes__IntelligentTieringFAStorage": 10, "BucketSizeBytes__IntelligentTieringIAStorage": 90}
    row = costs_of(**sizes, BucketSizeBytes="no_data", NumberOfObjects=40_000)["as_is"]
    assert (row["low_usd"], row["monthly_cost_usd"]) == (Decimal("1.51"), Decimal("1.61"))


@pytest.mark.parametrize(
    ("spec", "measured", "why"),
    [
        pytest.param({}, {}, "access not measured: nobody switched on request metrics of the whole bucket", id="not-switched-on"),
        pytest.param(
            {"AnalyticsConfigurations": [{"Id": "a"}]}, {}, "a storage class analysis runs, and what it exports says more", id="analysis"
        ),
        pytest.param(
            {"MetricsConfigurations": WHOLE},
            {"GetRequests": "no_data", "PutRequests": "no_data", "BytesDownloaded": "no_data"},
            "its request metrics have no data point: too new, or nobody came",
            id="no-data-point",
        ),
        pytest.param(
            {"MetricsConfigurations": WHOLE},
            {"GetRequests": 4, "PutRequests": 1, "BytesDownloaded": "denied"},
            "its request metrics could not be read: refused",
            id="denied",
        ),
        pytest.param(
            {"MetricsConfigurations": WHOLE},
            {"GetRequests": 4, "BytesDownloaded": 9, "BucketSizeBytes__StandardIAStorage": 4},
            "part of it is in other classes, and requests are not told apart by class",
            id="several-classes",
        ),
        pytest.param(
            {"MetricsConfigurations": WHOLE},
            {"GetRequests": 4, "BytesDownloaded": 9, "NumberOfObjects": "no_data"},
            "the number of its objects is not",
            id="objects",
        ),
    ],
)
def test_where_access_is_not_measured_no_class_is_recommended(spec: dict[str, Any], measured: dict[str, Any], why: str) -> None:
    found = costs_of(spec=spec, **{"BucketSizeBytes": 1000, "NumberOfObjects": 10_000, **measured})
    line = lines_of(found["replatform"])["storage"]
    assert (line["rate_key"], found["replatform"]["monthly_cost_usd"]) == ("s3:standard:storage", found["as_is"]["monthly_cost_usd"])
    assert why in line["assumption"]
    assert "no class is recommended" in line["assumption"]


def read(gib_an_hour: float, gets_an_hour: float, **more: Any) -> dict[str, Any]:
    """A bucket of 1,000 GiB and 100,000 objects with these reads and a write an hour, measured over the whole window."""
    counted = {"BytesDownloaded": gib_an_hour * GIB, "GetRequests": gets_an_hour, "HeadRequests": "no_data", "PutRequests": 1}
    whole = {"spec": {"MetricsConfigurations": WHOLE}, "BucketSizeBytes": 1000, "NumberOfObjects": 100_000, **counted}
    return costs_of(**{**whole, **more})


def test_what_is_hardly_read_costs_the_least_in_glacier_instant_retrieval() -> None:
    """0.02 GiB and 10 reads an hour are 14.6 GiB and 7,300 a month, with 730 writes.

    Standard 25 + 730 x 0.000005 + 7,300 x 0.0000004 = 25.00657. Glacier Instant Retrieval 5 + 14.6 x 0.03 + 730 x 0.00002
    + 7,300 x 0.00001 = 5.5256. Standard-IA 14 + 0.146 + 0.0073 + 0.0073 = 14.1606. Intelligent-Tiering: 0.0146 of it is read, so
    14.6 x 0.025 + 985.4 x 0.014 + 0.00365 + 0.00292 + 100,000 x 0.0000025 = 14.41717.
    """
    found = read(0.02, 10)
    assert found["as_is"]["monthly_cost_usd"] == Decimal("25.00657")
    assert found["replatform"]["monthly_cost_usd"] == Decimal("5.5256")
    assert told(found["replatform"]) == {
        "storage": ("s3:glacier-ir:storage", "1000.000000"),
        "retrieval": ("s3:glacier-ir:retrieval", "14.600000"),
        "requests tier1": ("s3:glacier-ir:tier1", "730.000000"),
        "requests tier2": ("s3:glacier-ir:tier2", "7300.000000"),
    }
    assumption = lines_of(found["replatform"])["storage"]["assumption"]
    costs = "Standard 25.01, Glacier Instant Retrieval 5.53, Intelligent-Tiering 14.42, Standard-IA 14.16 USD"
    assert "read 0.015 times a month by bytes: Glacier Instant Retrieval costs the least" in assumption
    assert costs in assumption
    assert "what is deleted within 90 days is billed to that day" in assumption


def test_what_is_read_more_than_once_a_quarter_is_not_for_glacier() -> None:
    """0.55 GiB an hour are 401.5 a month, 0.4015 of it: Standard-IA 14 + 4.015 + 0.0073 + 0.0073 = 18.0296; Intelligent-Tiering
    401.5 x 0.025 + 598.5 x 0.014 + 0.00365 + 0.00292 + 0.25 = 18.67307; Glacier would be 17.13 and is not meant for it."""
    found = read(0.55, 10)["replatform"]
    assert (told(found)["storage"][0], found["monthly_cost_usd"]) == ("s3:standard-ia:storage", Decimal("18.0296"))


def test_small_objects_are_billed_as_larger_ones() -> None:
    """16,384,000 objects of 64 KiB are 1,000 GiB, billed as 2,000: Standard-IA asks 28 for them. Intelligent-Tiering asks 40.96 for
    watching them. Standard stays, though Glacier would cost 10 and retrieval: 730 GiB a month are more than a quarter's reads."""
    found = read(0.75, 10, NumberOfObjects=16_384_000)["replatform"]
    assert told(found)["storage"][0] == "s3:standard:storage"
    assert "Standard stays" in lines_of(found)["storage"]["assumption"]
    seldom = read(0.02, 10, NumberOfObjects=16_384_000)["replatform"]
    storage = lines_of(seldom)["storage"]
    assert (storage["rate_key"], storage["quantity"], storage["high"]) == ("s3:glacier-ir:storage", "2000.000000", "3000.000000")


def test_intelligent_tiering_shows_its_parts() -> None:
    """Without prices of the other two: what is read at the frequent tier's price, the rest at the infrequent one's, and watching."""
    prices = [one for one in PRICES if "SIA" not in one[0] and "GIR" not in one[0]]
    found = read(0.02, 10, prices=prices)["replatform"]
    assert told(found) == {
        "storage": ("s3:intelligent:storage", "14.600000"),
        "storage unread": ("s3:intelligent-ia:storage", "985.400000"),
        "monitoring": ("s3:intelligent:objects", "100000.000000"),
        "requests tier1": ("s3:intelligent:tier1", "730.000000"),
        "requests tier2": ("s3:intelligent:tier2", "7300.000000"),
    }
    assert found["monthly_cost_usd"] == Decimal("14.41717")
    assert "Glacier Instant Retrieval not known" in lines_of(found)["storage"]["assumption"]


def test_lines_are_told_once() -> None:
    with lake_views(together({"inventory": [thing("b", BUCKET, MetricsConfigurations=WHOLE)]}, used("b", "BucketSizeBytes", GIB))) as views:
        prepare_lines(views, CostPolicy())
        found: Any = rows_of(views.execute("from cost_lines"), python_value)[1]
    assert len({(row["uid"], row["line"], row["variant"]) for row in found}) == len(found) == 3
