"""The demo's loads are told for what their shapes say, from the very series that the demo uploads."""

from datetime import UTC, datetime

import numpy as np
import pytest

from cloudmigrate.domain.load_metrics import LOADS_BY_TYPE, SubjectKind
from cloudmigrate.domain.pattern_features import Pattern
from cloudmigrate.domain.patterns import Verdict
from cloudmigrate.lake.patterns import verdicts_of
from cloudmigrate.simulate.estate import PLACES
from cloudmigrate.simulate.estate.loads import LOADS, Shape
from cloudmigrate.simulate.metrics import Subject, series_of
from cloudmigrate.simulate.things import Thing
from tests.pattern_lake import series_views, window

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
SEED = 20_261_122
EXPECTED = {
    Shape.DIURNAL: Pattern.DIURNAL,
    Shape.OFFICE: Pattern.DIURNAL,
    Shape.STEADY: Pattern.STEADY,
    Shape.BURSTY: Pattern.BURSTY,
    Shape.BATCH: Pattern.BATCH,
    Shape.IDLE: Pattern.IDLE,
    Shape.GROWING: Pattern.GROWING,
}
SUM_METRICS = {"NetworkIn", "NetworkOut", "NetworkBytesIn", "NetworkBytesOut"}
TYPE_OF = {step.key: step.type for place in PLACES for step in place.steps if isinstance(step, Thing)}
LOADS_OF_TYPE = {
    type_: [load for load in LOADS if TYPE_OF.get(load.key) == type_ or ("/" in load.key and type_ == "AWS::EC2::Instance")]
    for type_ in LOADS_BY_TYPE
}


def verdicts(type_: str) -> dict[str, Verdict]:
    wanted = LOADS_BY_TYPE[type_]
    series: dict[str, dict[str, np.ndarray]] = {}
    for load in LOADS_OF_TYPE[type_]:
        params = {"cluster": "c", "serviceName": load.key, "InstanceType": "m5.large"}
        for one in series_of(load, Subject(type_, load.key, params), NOW, SEED):
            columns = series.setdefault(load.key, {})
            name = one.key.name
            if name in wanted.load and wanted.kind is SubjectKind.REQUESTS:
                columns[f"{name}|Sum"] = one.mean[-14 * 288 :] * one.samples
            elif name in wanted.load or name == wanted.connections:
                columns[f"{name}|Average"], columns[f"{name}|Maximum"] = one.mean[-14 * 288 :], one.maximum[-14 * 288 :]
            elif name in SUM_METRICS:
                columns[f"{name}|Sum"] = one.mean[-14 * 288 :] * one.samples
    with series_views(series, type_=type_, end=NOW) as views:
        return {one.uid: one for one in verdicts_of(views, wanted, window(end=NOW))}


@pytest.mark.parametrize("type_", LOADS_BY_TYPE)
def test_a_load_has_the_pattern_of_its_shape(type_: str) -> None:
    found = verdicts(type_)
    assert found.keys() == {load.key for load in LOADS_OF_TYPE[type_]}
    wrong = {
        load.key: (EXPECTED[load.shape], found[load.key].pattern, found[load.key].reason)
        for load in LOADS_OF_TYPE[type_]
        if found[load.key].pattern is not EXPECTED[load.shape]
    }
    assert not wrong
