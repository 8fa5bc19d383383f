"""Flow log objects for the benchmarks: one day of v2 records of a made-up estate, as gzip text and as Parquet, in AWS's folders.

Every conversation is logged in both halves and at the interface of each of its ends that the estate has. Server ports are skewed as
in life, clients take ephemeral ones, some attempts are rejected, some interfaces have nothing to log. The day is cut into as many
capture times as there are objects; within one the records stand together by interface, as AWS delivers them.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from isal import isal_zlib

from cloudmigrate.domain.addresses import InterfaceHolder

VERSION = 4  # of what is generated; another makes cached records stale
ACCOUNT, REGION, VPC = "111111111111", "eu-central-1", "vpc-0123456789abcdef0"
DAY = datetime(2026, 11, 2, tzinfo=UTC)
HEADER = b"version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n"
FULL_RECORDS, RECORDS_AN_OBJECT = 20_000_000, 100_000
SERVICES = (
    (443, 30),
    (5432, 12),
    (53, 10),
    (8080, 10),
    (6379, 8),
    (3306, 6),
    (80, 6),
    (9092, 5),
    (22, 4),
    (27017, 3),
    (389, 2),
    (45_000, 1),
)
KINDS = ("realistic", "ports", "pairs")
IDLE_SHARE = 0.01  # of records that say NODATA or SKIPDATA
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class World:
    """The estate whose records are made: its size follows the number of records, so that each edge has as many at every scale."""

    kind: str
    records: int

    @property
    def objects(self) -> int:
        """How many objects the day has."""
        return max(1, self.records // RECORDS_AN_OBJECT)

    @property
    def hosts(self) -> int:
        """How many machines, of one interface each."""
        return max(100, 6_000 * self.records // FULL_RECORDS)

    @property
    def edges(self) -> int:
        """How many pairs of client and service talk within the estate."""
        return max(100, 200_000 * self.records // FULL_RECORDS)

    @property
    def strangers(self) -> int:
        """How many addresses outside take part."""
        return max(100, 400_000 * self.records // FULL_RECORDS)

    def holders(self) -> list[InterfaceHolder]:
        """The interfaces as an inventory tells them."""
        addresses, interfaces = host_addresses(self.hosts), interface_ids(self.hosts)
        return [
            InterfaceHolder(
                interface,
                ACCOUNT,
                REGION,
                VPC,
                "subnet-1",
                (address,),
                (),
                f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-{n:017x}",
                "instance",
            )
            for n, (interface, address) in enumerate(zip(interfaces, addresses, strict=True))
        ]


def host_addresses(hosts: int) -> list[str]:
    """The private addresses of the machines."""
    return [f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}" for n in range(hosts)]


def interface_ids(hosts: int) -> list[str]:
    """The interfaces of the machines, in their order."""
    ids = np.random.default_rng(1).integers(0, 2**60, hosts)
    return [f"eni-0{one:016x}" for one in ids]


def ready(folder: Path, kind: str, records: int) -> tuple[World, Path]:
    """The world, and the folder with its records in `gz/` and `parquet/`, made where they are not there yet."""
    world = World(kind, records)
    place = folder / f"flow-logs-{kind}-{records}"
    done = place / "done.json"
    if not done.exists() or json.loads(done.read_text())["version"] != VERSION:
        prefix = f"AWSLogs/{ACCOUNT}/vpcflowlogs/{REGION}/{DAY:%Y/%m/%d}"
        for name in ("gz", "parquet"):
            (place / name / prefix).mkdir(parents=True, exist_ok=True)
        with get_context("spawn").Pool(2) as pool:
            sums = pool.map(partial(_write_object, world, place, prefix), range(world.objects), chunksize=4)
        total = {name: sum(one[name] for one in sums) for name in sums[0]}
        done.write_text(json.dumps({"version": VERSION, **total}))
    return world, place


def sums(place: Path) -> dict[str, int]:
    """Bytes, packets and records (with traffic) of what `ready` made."""
    found: dict[str, int] = json.loads((place / "done.json").read_text())
    return {name: found[name] for name in ("bytes", "packets", "records")}


def _write_object(world: World, place: Path, prefix: str, number: int) -> dict[str, int]:
    """Write one object twice; the sums of its records."""
    table = _table(world, number)
    at = DAY + timedelta(seconds=number * 86_400 // world.objects)
    name = f"{ACCOUNT}_vpcflowlogs_{REGION}_fl-0123456789abcdef0_{at:%Y%m%dT%H%MZ}_{number:08x}.log"
    words = [column.cast(pa.string()).fill_null("-").combine_chunks() for column in table.columns]
    sink = pa.BufferOutputStream()
    options = pacsv.WriteOptions(include_header=False, delimiter=" ", quoting_style="none")
    pacsv.write_csv(pa.Table.from_arrays(words, names=table.column_names), sink, options)
    packer = isal_zlib.compressobj(3, wbits=31)
    (place / "gz" / prefix / f"{name}.gz").write_bytes(packer.compress(HEADER + sink.getvalue().to_pybytes()) + packer.flush())
    renamed = table.rename_columns([one.replace("-", "_") for one in table.column_names])
    pq.write_table(renamed, place / "parquet" / prefix / f"{name}.parquet", compression="gzip")
    ok = table.filter(pc.equal(table.column("log-status"), "OK"))
    return {"bytes": pc.sum(ok.column("bytes")).as_py(), "packets": pc.sum(ok.column("packets")).as_py(), "records": ok.num_rows}


def _table(world: World, number: int) -> pa.Table:
    """The rows of one object, in the columns of version 2; null where AWS writes a dash."""
    chance = np.random.default_rng([7, number])
    rows = world.records // world.objects
    flows = _pairs(world, number, rows) if world.kind == "pairs" else _flows(world, chance, rows)
    interface, client, server, port, ephemeral, to_server, rejected = flows
    if world.kind == "ports":
        ephemeral = 32_768 + (np.arange(rows) * 7_919 + number * rows) % 32_768
    idle = chance.random(rows) < IDLE_SHARE
    length = int(86_400 / world.objects)
    minute = np.sort(chance.integers(0, max(1, length // 60), rows))
    start = int(DAY.timestamp()) + number * length + minute * 60
    packets = 1 + chance.geometric(0.08, rows)
    octets = packets * chance.integers(40, 1_400, rows)
    order = np.lexsort((interface, minute))

    def number_of(values: Numbers, kind: pa.DataType) -> pa.Array:
        return pa.array(values[order], type=kind, mask=idle[order])

    def text_of(values: Numbers, words: list[str], *, always: bool = False) -> pa.Array:
        codes = pa.array(values[order].astype(np.int32), mask=None if always else idle[order])
        return pa.DictionaryArray.from_arrays(codes, pa.array(words)).cast(pa.string())

    addresses, (clients, servers) = _addresses(world, client, server)
    zeros = np.zeros(rows, dtype=np.int64)
    columns = {
        "version": pa.array(zeros[order] + 2, type=pa.int32()),
        "account-id": text_of(zeros, [ACCOUNT], always=True),
        "interface-id": text_of(interface, interface_ids(world.hosts), always=True),
        "srcaddr": text_of(np.where(to_server, clients, servers), addresses),
        "dstaddr": text_of(np.where(to_server, servers, clients), addresses),
        "srcport": number_of(np.where(to_server, ephemeral, port), pa.int32()),
        "dstport": number_of(np.where(to_server, port, ephemeral), pa.int32()),
        "protocol": number_of(np.where(port == 53, 17, 6), pa.int32()),
        "packets": number_of(packets, pa.int64()),
        "bytes": number_of(octets, pa.int64()),
        "start": pa.array(start[order], type=pa.int64()),
        "end": pa.array(start[order] + 59, type=pa.int64()),
        "action": text_of(rejected.astype(np.int64), ["ACCEPT", "REJECT"]),
        "log-status": text_of(np.where(idle, 1 + (interface % 500 == 0), 0), ["OK", "NODATA", "SKIPDATA"], always=True),
    }
    return pa.table(columns)


def _flows(world: World, chance: np.random.Generator, rows: int) -> tuple[Numbers, ...]:
    """Records of conversations along the world's edges: interface, client, server, port, ephemeral port, to server?, rejected?.

    Clients and servers from `world.hosts` on are strangers: their end logs nothing.
    """
    fixed = np.random.default_rng(2)
    hosts, edges = world.hosts, world.edges
    serving = max(10, hosts // 5)
    ports = fixed.choice(
        [port for port, _ in SERVICES], serving, p=np.array([share for _, share in SERVICES]) / sum(s for _, s in SERVICES)
    )
    edge_client = fixed.integers(0, hosts, edges)
    edge_server = (fixed.random(edges) ** 2 * serving).astype(np.int64)
    weight = np.cumsum(fixed.lognormal(0, 1.5, edges))
    talks = rows // 2 + 1  # more than are needed: those within the estate give four records, the others two or one
    kind = chance.random(talks)
    edge = np.searchsorted(weight, chance.random(talks) * weight[-1])
    stranger = hosts + (chance.random(talks) ** 1.5 * world.strangers).astype(np.int64)
    inbound, outbound, scan = kind > 0.82, (kind > 0.7) & (kind <= 0.82), kind > 0.98
    doors = max(10, hosts // 50)  # load balancers and the like, which the world may reach
    client = np.where(inbound, stranger, edge_client[edge])
    service = hosts + (client * 31 + chance.integers(0, 10, talks) * 7_919) % (world.strangers // 50 + 1)  # each client uses a few
    server = np.where(outbound, service, np.where(inbound, stranger % doors, edge_server[edge]))
    port = np.where(outbound | inbound, 443, ports[edge_server[edge]])
    port = np.where(scan, chance.integers(1, 1_024, talks), port)
    ephemeral = 32_768 + (edge * 2_654_435_761 + chance.integers(0, 8, talks) * 97 + stranger) % 28_232
    at_client, at_server = client < hosts, server < hosts
    pieces = [
        (server, at_server, True),
        (client, at_client & ~scan, True),
        (server, at_server & ~scan, False),
        (client, at_client & ~scan, False),
    ]
    which = np.concatenate([np.flatnonzero(there) for _, there, _ in pieces])
    interface = np.concatenate([end[there] for end, there, _ in pieces])
    to_server = np.concatenate([np.full(int(there.sum()), direction) for _, there, direction in pieces])
    taken = chance.permutation(len(which))[:rows]
    which, interface, to_server = which[taken], interface[taken], to_server[taken]
    return interface, client[which], server[which], port[which], ephemeral[which], to_server, scan[which]


def _pairs(world: World, number: int, rows: int) -> tuple[Numbers, ...]:
    """Records of pairs that talk once, in both halves: strangers, each another one, with the estate's machines."""
    talk = (number * rows + np.arange(rows)) // 2
    server = talk % world.hosts
    to_server = np.arange(rows) % 2 == 0
    port, ephemeral = np.full(rows, 443), 32_768 + talk % 28_232
    return server, world.hosts + talk, server, port, ephemeral, to_server, np.zeros(rows, dtype=np.bool_)


def _addresses(world: World, *ends: Numbers) -> tuple[list[str], list[Numbers]]:
    """The addresses of those who take part, and each end as a place in them."""
    there, places = np.unique(np.concatenate(ends), return_inverse=True)
    hosts = host_addresses(world.hosts)
    words = []
    for one in there.tolist():
        outside = 0x2D000000 + (one - world.hosts) * 97  # public addresses from 45.0.0.0 on
        words.append(hosts[one] if one < world.hosts else ".".join(str(outside >> shift & 255) for shift in (24, 16, 8, 0)))
    return words, np.split(places, len(ends))
