"""Which flow log each part of the partial aggregates came from."""

from typing import Any

from cloudmigrate.domain.flow_batches import Batch
from tasks.resolution import batches_of, streams_of
from tasks.traffic import PlaceSummary

SOURCE: dict[str, Any] = {"source": "s3://logs/", "account_id": "111111111111", "status": "ok"}
FOLDER = "traffic/account=111111111111/region=eu-central-1/day=2025-11-22"


def test_batches_of_one_place_are_told_apart_by_the_flow_log_in_their_objects_names() -> None:
    def batch(name: str, flow_log: str) -> Batch:
        key = f"x/111111111111_vpcflowlogs_eu-central-1_{flow_log}_20251122T0000Z_ab.log.gz"
        parts = tuple({"path": f"{FOLDER}/{dataset}-{name}-9f.parquet"} for dataset in ("conversations", "interface_logs"))
        return Batch(name, {key: "etag"}, parts, ())

    summaries = [PlaceSummary(SOURCE, (batch("b1", "fl-0a"), batch("b2", "fl-0b"), Batch("b3", {}, (), ())))]
    found = streams_of(summaries)

    assert batches_of(summaries, {"fl-0b"}) == {"b2-9f"}
    assert found == {"b1-9f": "111111111111 s3://logs/ fl-0a", "b2-9f": "111111111111 s3://logs/ fl-0b"}
