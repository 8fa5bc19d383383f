"""Accepted traffic and stated needs to dependencies: joined in DuckDB, judged by a function of the caller's."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping

import pyarrow as pa

from cloudmigrate.domain.folding import ConfiguredNeed
from cloudmigrate.lake.dependency_datasets import DEPENDENCIES
from cloudmigrate.lake.lake import Part
from cloudmigrate.lake.views import Views, sql_text

Pair = tuple[str, str, int, int]  # source uid, target uid, protocol, server's port
Judge = Callable[[Iterator[Pair]], Iterable[bool | None]]  # the answers, in the order of the pairs

_TEXTS = pa.list_(pa.string())
_FOLDED = pa.schema([("uid", pa.string()), ("into_uid", pa.string())])
_CONFIGURED = pa.schema([("source_uid", pa.string()), ("target_uid", pa.string()), ("statements", _TEXTS), ("via", _TEXTS)])
_VERDICTS = pa.schema([("number", pa.int64()), ("allowed", pa.bool_())])
_UIDS = """
create temp table uids as
select row_number() over () - 1 as number, uid
from (select source_uid as uid from observed union select target_uid as uid from observed)
"""
_PAIRS = """
select o.number, s.number as source, t.number as target, o.protocol, o.port
from observed as o
inner join uids as s on o.source_uid = s.uid
inner join uids as t on o.target_uid = t.uid
"""


def write_dependencies(
    views: Views, *, needs: Iterable[ConfiguredNeed], homes: Mapping[str, str], judge: Judge | None = None, part: str
) -> Part:
    """Publish the dependencies of the snapshot of *views*: its traffic, and *needs*, with plumbing folded by *homes*.

    *judge* is asked once for each observed edge whether rules and routes let it through now; without one nothing is known of that.
    Raises LakeError.
    """
    views.register_table("folded", pa.table([pa.array(homes.keys(), pa.string()), pa.array(homes.values(), pa.string())], schema=_FOLDED))
    views.register_table("configured", _configured(needs))
    views.execute(f"create temp table observed as {sql_text('dependencies_observed')}")
    views.register_table("verdicts", _verdicts(views, judge) if judge else _VERDICTS.empty_table())
    return views.write("dependencies", DEPENDENCIES, part=part)


def _configured(needs: Iterable[ConfiguredNeed]) -> pa.Table:
    columns: dict[str, list[object]] = {name: [] for name in _CONFIGURED.names}
    for one in needs:
        for name, values in columns.items():
            values.append(getattr(one, name))
    return pa.table({name: pa.array(values, _CONFIGURED.field(name).type) for name, values in columns.items()}, schema=_CONFIGURED)


def _verdicts(views: Views, judge: Judge) -> pa.Table:
    """What *judge* answers of every observed edge, by its number. Each uid is one text in memory, however many edges it has."""
    views.execute(_UIDS)
    uids: list[str] = [uid for (uid,) in views.execute("select uid from uids order by number").fetchall()]
    numbers = array("q")

    def pairs() -> Iterator[Pair]:
        for batch in views.execute(_PAIRS).to_arrow_reader():
            numbers.extend(batch.column("number").to_pylist())
            ends = (batch.column(name).to_pylist() for name in ("source", "target", "protocol", "port"))
            for source, target, protocol, port in zip(*ends, strict=True):
                yield uids[source], uids[target], protocol, port

    answers = pa.array(judge(pairs()), pa.bool_())
    return pa.table([pa.array(numbers, pa.int64()), answers], schema=_VERDICTS)
