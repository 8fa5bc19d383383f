"""How it is seen that a resource works at the target and holds what the source held: a table by type."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cloudmigrate.domain.acts.catalogue import BY_NAME
from cloudmigrate.domain.acts.record import Call
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.runbooks.blocks import Block, CheckItem, Checklist, Command, Heading, Language, Paragraph
from cloudmigrate.domain.runbooks.decisions import quoted
from cloudmigrate.domain.runbooks.facts import WaveFacts, Workload
from cloudmigrate.domain.runbooks.integrity_queries import POSTGRES, row_counts
from cloudmigrate.domain.shell_commands import aws_command
from cloudmigrate.domain.steps import Step
from cloudmigrate.domain.strategies import Strategy

HEALTH, SMOKE, DATA = "Health", "Smoke test", "Data"
CLIENTS = {POSTGRES: ", in psql"}
WEB_PORTS = {80: "http", 8080: "http", 443: "https", 8443: "https"}
TCP = 6

NOT_MOVED = {
    Strategy.RETIRE: "it is retired: nobody asks for it, and its last backup can be found",
    Strategy.RETAIN: "it stays where it is, and still reaches and is reached by what moved",
}


@dataclass(frozen=True, slots=True)
class Target:
    """Where a resource is to be found after its move."""

    account_id: str
    region: str
    called: str  # its id or name there; in angle brackets where the step that gives it has not run
    address: str  # for whoever connects


@dataclass(frozen=True, slots=True)
class Validation:
    """One thing to look at, and how."""

    kind: str
    says: str
    commands: tuple[Command, ...] = ()


# act -> the output by which what it makes is known.
MADE_BY = {
    "ec2.run_instance": "instance_id",
    "rds.restore_instance": "database_id",
    "rds.restore_cluster": "database_id",
    "rds.create_replica": "database_id",
    "s3.create_bucket": "bucket",
}


def validation(facts: WaveFacts, workloads: Sequence[Workload], *, with_commands: bool) -> tuple[Block, ...]:
    """The section: each resource's checks, with what to run; of a wave the list alone."""
    blocks: list[Block] = [Heading("Validation")]
    if with_commands:
        blocks.append(
            Paragraph("After cutover, before anybody says that it is done. Commands only read; run them with the target's credentials.")
        )
    else:
        blocks.append(Paragraph("The commands and queries are in the workloads' own runbooks."))
        blocks.append(Command(f"cloudmigrate status {facts.place}", says="Every move group is migrated, and nothing could not be undone"))
        blocks.append(Command("cloudmigrate orphans", says="Nothing bears our tags that no live step answers for"))
    for one in workloads:
        some = [(uid, list(_of_resource(facts, uid))) for uid in one.members]
        some = [(uid, found) for uid, found in some if found]
        if with_commands:
            for uid, found in some:
                blocks += _told(facts.resources[uid], found)
            continue
        items = tuple(
            CheckItem(f"{_called(facts.resources[uid])}: {told.kind.lower()}: {told.says}") for uid, found in some for told in found
        )
        blocks += [Heading(one.title, 3), Checklist(items)] if items else []
    ports = [block for one in workloads for block in _ports(facts, one)] if with_commands else []
    return (*blocks, *ports)


def _told(resource: Resource, found: Sequence[Validation]) -> list[Block]:
    blocks: list[Block] = [Heading(_called(resource), 3), Checklist(tuple(CheckItem(f"{one.kind}: {one.says}") for one in found))]
    return [*blocks, *(command for one in found for command in one.commands)]


def _called(resource: Resource) -> str:
    return f"{resource.name or resource.uid} ({resource.type.removeprefix('AWS::')})"


def _of_resource(facts: WaveFacts, uid: str) -> Iterable[Validation]:
    resource = facts.resources.get(uid)
    strategy = facts.strategies.get(uid)
    if resource and strategy in (Strategy.RETIRE, Strategy.RETAIN):
        return (Validation(HEALTH, NOT_MOVED[strategy]),)
    build = VALIDATIONS.get(resource.type) if resource else None
    return build(resource, target_of(facts, resource)) if resource and build else ()


def target_of(facts: WaveFacts, resource: Resource) -> Target:
    """Where it will be: by what its steps gave, else by the names of the steps that will give it."""
    own = facts.steps_on.get(resource.uid, [])
    made = next((one for one in reversed(own) if one.act in MADE_BY), None)
    policy = facts.estate.targets
    account_id, region = policy.account or resource.account_id, policy.region or resource.region
    called = given(facts, made, MADE_BY[made.act]) if made else resource.name or resource.uid
    if made:
        account_id, region = made.account_id, made.region
    running = next((one for one in own if one.act == "ec2.await_running"), None)
    address = given(facts, running, "private_ip") if running else f"<address of {called.strip('<>')}>"
    return Target(account_id, region, called, address)


def given(facts: WaveFacts, step: Step, name: str) -> str:
    """What a step gave under that name; in words where it has not run."""
    found = facts.given.get(step.step_id, {}).get(name)
    if found is not None:
        return str(found)
    kept = step.params.get(name) if name in BY_NAME[step.act].keeps else None
    return kept if isinstance(kept, str) else f"<{name} of {step.step_id}>"


def _call(service: str, operation: str, target: Target, **params: Any) -> Command:
    return Command(aws_command(Call(service, operation, params), target.region), says=f"In account {target.account_id}")


def _server(resource: Resource, target: Target) -> Iterator[Validation]:
    look = _call("ec2", "DescribeInstanceStatus", target, InstanceIds=[target.called], IncludeAllInstances=True)
    yield Validation(HEALTH, "both status checks are ok, and the services of the application run", (look,))
    yield Validation(SMOKE, "a user of the application signs in and does one usual thing")
    devices = [str(one.get("DeviceName")) for one in resource.spec.get("BlockDeviceMappings") or () if isinstance(one, Mapping)]
    if devices:
        disks = _call("ec2", "DescribeVolumes", target, Filters=[{"Name": "attachment.instance-id", "Values": [target.called]}])
        yield Validation(DATA, f"its disks are attached ({', '.join(devices)}), of the sizes of the source", (disks,))


def _database(resource: Resource, target: Target) -> Iterator[Validation]:
    is_cluster = resource.type.endswith("Cluster")
    operation, name = ("DescribeDBClusters", "DBClusterIdentifier") if is_cluster else ("DescribeDBInstances", "DBInstanceIdentifier")
    look = _call("rds", operation, target, **{name: target.called})
    yield Validation(HEALTH, "it is available, with its parameter group in sync and backups switched on", (look,))
    yield Validation(SMOKE, "the application reads and writes; a user signs in")
    engine = str(resource.spec.get("Engine") or "")
    sql = row_counts(engine)
    if sql is None:
        yield Validation(DATA, f"rows are counted on both sides and agree (no query is known for engine {engine or 'unknown'})")
        return
    query = Command(
        sql, Language.SQL, says=f"On the source once it takes no writes, and on the target ({engine}{CLIENTS.get(sql, '')}); read only"
    )
    compare = Command("diff source-rows.txt target-rows.txt && echo same", says="What both printed; no line differs")
    yield Validation(DATA, "the rows of each table are counted on both sides and agree", (query, compare))


def _bucket(resource: Resource, target: Target) -> Iterator[Validation]:
    yield Validation(HEALTH, "its settings are those of the source", (_call("s3", "GetBucketVersioning", target, Bucket=target.called),))
    lists = [
        Command(_manifest(bucket, region, file), says=f"Manifest of the {word}: key, size, ETag")
        for bucket, region, file, word in (
            (resource.name, resource.region, "source-objects.tsv", "source"),
            (target.called, target.region, "target-objects.tsv", "target"),
        )
    ]
    keys = "cut -f1,2"
    compare = Command(
        f"diff <({keys} source-objects.tsv) <({keys} target-objects.tsv) && echo same",
        says="Keys and sizes; an ETag of an object in parts differs where the parts do",
    )
    yield Validation(DATA, "the manifests of both sides agree: every key, every size", (*lists, compare))


def _manifest(bucket: str, region: str, file: str) -> str:
    words = ["aws", "s3api", "list-objects-v2", "--region", region, "--bucket", bucket]
    words += ["--query", "Contents[].[Key,Size,ETag]", "--output", "text"]
    return f"{' '.join(map(quoted, words))} | LC_ALL=C sort > {file}"


def _function(resource: Resource, target: Target) -> Iterator[Validation]:
    name = str(resource.spec.get("FunctionName") or resource.name)
    look = _call("lambda", "GetFunctionConfiguration", target, FunctionName=name)
    yield Validation(HEALTH, "its state is Active and its last update Successful", (look,))
    yield Validation(SMOKE, "it answers a known event as the source does, and its event sources are Enabled")
    old = (resource.spec.get("UrlConfig") or {}).get("FunctionUrl")
    if old:
        find = _call("lambda", "GetFunctionUrlConfig", target, FunctionName=name)
        says = f"its url, a new one, answers as {old} does; DNS records, distributions, clients and allow lists name the old one no more"
        yield Validation(SMOKE, says, (find,))


def _service(resource: Resource, target: Target) -> Iterator[Validation]:
    cluster = str(resource.spec.get("clusterArn") or "").rpartition("/")[2]
    look = _call("ecs", "DescribeServices", target, services=[target.called], **({"cluster": cluster} if cluster else {}))
    yield Validation(HEALTH, "as many tasks run as are wanted, with one deployment that is COMPLETED", (look,))
    yield Validation(SMOKE, "its address answers, behind the balancer where there is one")


def _balancer(resource: Resource, target: Target) -> Iterator[Validation]:
    look = _call("elbv2", "DescribeLoadBalancers", target, Names=[resource.name])
    yield Validation(HEALTH, "it is active, and all targets of its groups are healthy", (look,))
    yield Validation(SMOKE, "each listener answers with a certificate that is valid for the name")


def _table(resource: Resource, target: Target) -> Iterator[Validation]:
    look = _call("dynamodb", "DescribeTable", target, TableName=resource.name)
    yield Validation(HEALTH, "it is ACTIVE, with its indexes and streams", (look,))
    counts = [
        Command(_items(resource.name, region), says=f"Items in {region}; a whole read of the table, which is billed")
        for region in dict.fromkeys((resource.region, target.region))
    ]
    yield Validation(DATA, "the items are counted on both sides and agree", tuple(counts))


def _items(table: str, region: str) -> str:
    words = [
        "aws",
        "dynamodb",
        "scan",
        "--region",
        region,
        "--table-name",
        table,
        "--select",
        "COUNT",
        "--query",
        "Count",
        "--output",
        "text",
    ]
    return " ".join(map(quoted, words))


def _queue(resource: Resource, target: Target) -> Iterator[Validation]:
    yield Validation(HEALTH, "it takes and gives a message, and its dead-letter queue is set")
    yield Validation(DATA, "the source's queue is empty: nothing visible, in flight or delayed")


def _files(resource: Resource, target: Target) -> Iterator[Validation]:
    yield Validation(HEALTH, "it is available, with a mount target in each zone")
    sums = "find . -type f -print0 | sort -z | xargs -0 sha256sum > ../files.sha256"
    yield Validation(DATA, "sums of all files agree", (Command(sums, says="In the mounted source, and in the mounted target; then diff"),))


def _cache(resource: Resource, target: Target) -> Iterator[Validation]:
    yield Validation(HEALTH, "it is available, and its primary answers PING")
    yield Validation(DATA, "what the application keeps only there is there (DBSIZE), or it may start empty")


def _name(resource: Resource, target: Target) -> Iterator[Validation]:
    look = Command(f"dig +short {quoted(resource.name)}", says="From inside and from outside, after the time to live")
    yield Validation(SMOKE, "the name leads to the target for every resolver that matters", (look,))


VALIDATIONS: Mapping[str, Callable[[Resource, Target], Iterator[Validation]]] = {
    "AWS::EC2::Instance": _server,
    "AWS::RDS::DBInstance": _database,
    "AWS::RDS::DBCluster": _database,
    "AWS::S3::Bucket": _bucket,
    "AWS::Lambda::Function": _function,
    "AWS::ECS::Service": _service,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _balancer,
    "AWS::DynamoDB::Table": _table,
    "AWS::SQS::Queue": _queue,
    "AWS::EFS::FileSystem": _files,
    "AWS::ElastiCache::ReplicationGroup": _cache,
    "AWS::ElastiCache::CacheCluster": _cache,
    "AWS::Route53::RecordSet": _name,
}


def _ports(facts: WaveFacts, workload: Workload) -> list[Block]:
    """Smoke tests from the rules that the plan found needed: what clients used before must be reached after."""
    commands: list[Block] = []
    for group in workload.groups:
        used = {one.port for one in facts.rules if one.move_group == group["id"] and _is_inbound(one.direction, one.protocol)}
        servers = [facts.resources[uid] for uid in group["members"] if _is_server(facts, uid)]
        for server in servers:
            host = target_of(facts, server).address
            commands += [Command(_probe(host, port), says=f"{server.name or server.uid}, port {port}") for port in sorted(used)]
    if not commands:
        return []
    told = "Ports that clients used while traffic was watched; each must be reached from where those clients are."
    return [Heading("What clients used", 3), Paragraph(told), *commands]


def _is_inbound(direction: str, protocol: int) -> bool:
    return direction == "ingress" and protocol == TCP


def _is_server(facts: WaveFacts, uid: str) -> bool:
    found = facts.resources.get(uid)
    return found is not None and found.type == "AWS::EC2::Instance"


def _probe(host: str, port: int) -> str:
    if port in WEB_PORTS:
        return f"curl --silent --show-error --max-time 10 --output /dev/null --write-out '%{{http_code}}\\n' {quoted(f'{WEB_PORTS[port]}://{host}:{port}/')}"
    return f"nc -z -v -w 5 {quoted(host)} {port}"
