"""Secrets never reach a spec: variables, scripts and commands leave names, hashes and endpoints only."""

import base64
import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmigrate.aws import redact
from cloudmigrate.aws.catalogue import CATALOGUE
from cloudmigrate.aws.mentions import mentions, without_credentials
from cloudmigrate.aws.tags import tag_value

SECRET = "hunter2-S3cr3t"
# The SHA-256 of b"orders" and of b"", from sha256sum.
ORDERS_SHA256 = "1c168adb00d208e42f93314529f1fa9c0427eb63233ceda95a5db52b7012a719"
EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
RDS_HOST = "orders.abc123.eu-central-1.rds.amazonaws.com"


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        pytest.param(f"postgres://app:{SECRET}@{RDS_HOST}:5432/orders?sslmode=on", "", (f"postgres://{RDS_HOST}:5432",), id="dsn"),
        pytest.param(f"postgres://app:p/a@s#s@{RDS_HOST}/x", "", (f"postgres://{RDS_HOST}",), id="odd-password-aws-host"),
        pytest.param("postgres://app:p/a@s:s@db.internal/x", "", (), id="odd-password-other-host-is-not-guessed"),
        pytest.param("https://hooks.slack.com/services/T0/B0/XYZ", "HOOK", ("https://hooks.slack.com",), id="secret-path"),
        pytest.param(f"https://api.internal/v1?key={SECRET}", "", ("https://api.internal",), id="secret-query"),
        pytest.param("db.example.com", "DB_HOST", ("db.example.com",), id="bare-host-under-a-host-name"),
        pytest.param("db.example.com:5432", "DB_ENDPOINT", ("db.example.com:5432",), id="host-and-port"),
        pytest.param("db.example.com", "GREETING", (), id="dotted-word-without-context"),
        pytest.param("hunter.local", "DB_PASSWORD", (), id="password-that-looks-like-a-host"),
        pytest.param("auth.internal", "AUTH_SERVICE_HOST", ("auth.internal",), id="auth-host-is-a-host"),
        pytest.param("eyJhbGciOi.eyJzdWIi.s3gnature", "JWT", (), id="json-web-token"),
        pytest.param("10.0.1.5", "UPSTREAM", ("10.0.1.5",), id="private-address"),
        pytest.param("s3://data-lake/raw/key?versionId=1", "", ("s3://data-lake",), id="s3-url"),
        pytest.param("https://s3.eu-central-1.amazonaws.com/data-lake/k?X-Amz-Signature=ab", "", ("s3://data-lake",), id="presigned"),
        pytest.param(
            "https://sqs.eu-central-1.amazonaws.com/111111111111/orders",
            "",
            ("https://sqs.eu-central-1.amazonaws.com/111111111111/orders",),
            id="queue-url-keeps-its-name",
        ),
        pytest.param(
            "mongodb://u:p@h1.internal:27017,h2.internal:27017/db",
            "",
            ("mongodb://h1.internal:27017", "mongodb://h2.internal:27017"),
            id="several-hosts",
        ),
        pytest.param("Server=db.example.com,1433;Password=s3cret.com;User=x", "CONN", ("db.example.com",), id="ado-string"),
        pytest.param(
            "jdbc:sqlserver://db.internal:1433;databaseName=x;password=foo.corp", "", ("jdbc:sqlserver://db.internal:1433",), id="jdbc"
        ),
        pytest.param(
            "arn:aws:dynamodb:eu-central-1:111111111111:table/orders,",
            "",
            ("arn:aws:dynamodb:eu-central-1:111111111111:table/orders",),
            id="arn",
        ),
        pytest.param("arn:aws:lambda:eu-central-1:111111111111:function:${stage}-f", "", (), id="arn-with-a-hole"),
        pytest.param('{"password": "foo.corp", "host": "db.example.com"}', "", ("db.example.com",), id="json"),
        pytest.param("", "", (), id="empty"),
    ],
)
def test_mentions(text: str, name: str, expected: tuple[str, ...]) -> None:
    """Only what is surely an address is taken."""
    assert mentions(text, name=name) == expected


def test_the_last_line_of_a_base64_part_is_no_name() -> None:
    """Cloud-init parts and keys are base64 inside the script: their last line, with its padding, looks like NAME= and holds the text."""
    part = base64.b64encode(f"PW={SECRET}".encode()).decode()
    assert part == "UFc9aHVudGVyMi1TM2NyM3Q="

    kept = redact.script(
        f"Content-Transfer-Encoding: base64\n\n{part}\n{part}=\r\n  {part}\nexport DB_PASSWORD={SECRET}\nDB_HOST=$1\n{part}"
    )

    assert kept["names"] == ["DB_HOST", "DB_PASSWORD"]


def test_script_mentions_hosts_but_no_passwords() -> None:
    """Options and assignments that smell of a secret are passed over, in every spelling."""
    text = (
        "#!/bin/bash\nexport DB_PASSWORD=foo.corp\n  API_TOKEN=bar.internal\n"
        "mysql -h db.corp -p baz.internal\npsql --password qux.lan --host 10.0.1.5\n"
        "echo token: quux.local\naws s3 cp s3://boot-bucket/app.tgz /tmp\n"
    )
    assert mentions(text) == ("10.0.1.5", "db.corp", "s3://boot-bucket")


@given(
    password=st.text(alphabet="abcXYZ0189@:/?#&=+%$!~.,;()[]-_|\\", min_size=6, max_size=24),
    host=st.sampled_from([RDS_HOST, "db.internal", "db.example.com"]),
    scheme=st.sampled_from(["postgres", "redis", "amqp", "https", "jdbc:mysql"]),
    name=st.sampled_from(["DATABASE_URL", "X", "DB_PASSWORD"]),
)
def test_no_password_of_a_url_survives(password: str, host: str, scheme: str, name: str) -> None:
    """Whatever a password consists of, no run of six of its characters is left, unless the host itself has it."""
    kept = "\n".join(mentions(f"{scheme}://user:{password}@{host}:5432/db", name=name))
    pieces = {password[start : start + 6] for start in range(len(password) - 5)}
    assert not [piece for piece in pieces if piece in kept and piece not in f"{scheme}://{host}:5432"]


@given(st.text(max_size=300))
def test_mentions_takes_any_text(text: str) -> None:
    """Hostile text never raises, and the answer is sorted without repeats."""
    found = mentions(text, name=text[:10])
    assert list(found) == sorted(set(found))


def test_long_hostile_text_takes_no_time() -> None:
    """A megabyte of almost-hosts is read in linear time (the test's own time limit is the judge)."""
    for piece in ("a.", "a:", "a@", "http://", "a=", "-.", "arn:aws:a:"):
        mentions(piece * (200_000 // len(piece)))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://user:pw@api.example.com/orders?x=1", "https://api.example.com"),
        ("https://api.example.com/orders/{proxy}?key=abc", "https://api.example.com/orders/{proxy}"),
        ("https://api.example.com/orders#frag", "https://api.example.com/orders"),
        ("arn:aws:lambda:eu-central-1:111111111111:function:f", "arn:aws:lambda:eu-central-1:111111111111:function:f"),
        ("https://u:p/w@host", "https://"),
    ],
)
def test_without_credentials(url: str, expected: str) -> None:
    """Backends' urls keep their path, which IaC needs, and lose user, password, query and fragment."""
    assert without_credentials(url) == expected


def test_variable_is_name_hash_and_endpoints() -> None:
    """The hash is of the bare value, so that it can be compared with names."""
    assert redact.variables({"TABLE": "orders", "EMPTY": None}) == [
        {"name": "EMPTY", "sha256": EMPTY_SHA256, "endpoints": []},
        {"name": "TABLE", "sha256": ORDERS_SHA256, "endpoints": []},
    ]


def user_data(text: str, *, packed: bool = False) -> str:
    raw = text.encode()
    return base64.b64encode(gzip.compress(raw) if packed else raw).decode()


@pytest.mark.parametrize("packed", [False, True])
def test_user_data_is_opened_hashed_and_gone(packed: bool) -> None:
    """Base64 and gzip hide nothing: endpoints are found, the text is not kept."""
    text = f"#!/bin/sh\nexport DB_HOST={RDS_HOST}\nDB_PASSWORD={SECRET}\n"
    kept = redact.instance({"InstanceId": "i-1", "UserData": user_data(text, packed=packed)})
    assert kept["UserData"]["endpoints"] == [RDS_HOST]
    assert kept["UserData"]["names"] == ["DB_HOST", "DB_PASSWORD"]
    assert kept["UserData"]["bytes"] == len(text)
    assert_clean(kept)


def test_gzip_bomb_and_broken_gzip_are_bounded() -> None:
    """Unpacking stops at a bound, and what is no gzip gives nothing."""
    bomb = redact.instance({"UserData": base64.b64encode(gzip.compress(b"\0" * 50_000_000)).decode()})
    assert bomb["UserData"]["bytes"] == redact.MAX_SCRIPT_BYTES
    assert redact.instance({"UserData": base64.b64encode(b"\x1f\x8bbroken").decode()})["UserData"]["endpoints"] == []


def assert_clean(kept: Any) -> None:
    text = json.dumps(kept, default=str)
    assert SECRET not in text
    assert base64.b64encode(SECRET.encode()).decode()[:12] not in text


def container() -> dict[str, Any]:
    return {
        "name": "web",
        "image": "111111111111.dkr.ecr.eu-central-1.amazonaws.com/web:1",
        "environment": [{"name": "DATABASE_URL", "value": f"postgres://u:{SECRET}@{RDS_HOST}/orders"}, {"name": "PW", "value": SECRET}],
        "secrets": [{"name": "KEY", "valueFrom": "arn:aws:secretsmanager:eu-central-1:111111111111:secret:key-AbCdEf"}],
        "command": ["run", f"--password={SECRET}", "--db", RDS_HOST],
        "entryPoint": ["sh", "-c", f"PW={SECRET} exec app"],
        "dockerLabels": {"traefik.basicauth.users": f"admin:{SECRET}"},
        "healthCheck": {"command": ["CMD-SHELL", f"curl -u me:{SECRET} localhost"], "interval": 30},
        "logConfiguration": {"logDriver": "splunk", "options": {"splunk-token": SECRET, "awslogs-group": "/ecs/web"}},
        "firelensConfiguration": {"type": "fluentbit", "options": {"auth": SECRET}},
    }


def test_task_definition_keeps_no_value() -> None:
    """Environment, commands, labels, log and volume options of containers; references to secrets stay."""
    volume = {"name": "share", "dockerVolumeConfiguration": {"driver": "cifs", "driverOpts": {"o": f"username=me,password={SECRET}"}}}
    kept = redact.task_definition({"family": "web", "containerDefinitions": [container()], "volumes": [volume]})
    [only] = kept["containerDefinitions"]
    assert_clean(kept)
    assert [one["name"] for one in only["environment"]] == ["DATABASE_URL", "PW"]
    assert only["environment"][0]["endpoints"] == [f"postgres://{RDS_HOST}"]
    assert only["secrets"] == container()["secrets"]
    assert only["command"]["words"] == 4
    assert only["command"]["endpoints"] == [RDS_HOST]
    assert only["logConfiguration"]["options"] == {"awslogs-group": "/ecs/web"}
    assert only["healthCheck"]["interval"] == 30


def test_service_keeps_no_value_of_its_task_and_no_events() -> None:
    """The embedded task definition is redacted like any other; what changes by itself is left out."""
    item = {
        "serviceName": "web",
        "events": [{"message": "tick"}],
        "deployments": [{"id": "1"}],
        "taskDefinitionInUse": {"family": "web", "containerDefinitions": [container()]},
        "serviceConnectConfiguration": {"enabled": True, "logConfiguration": {"logDriver": "x", "options": {"token": SECRET}}},
    }
    kept = redact.service(item)
    assert_clean(kept)
    assert "events" not in kept
    assert "deployments" not in kept


def test_function_keeps_no_value() -> None:
    """Environment values, an error's text about them, and the command line of an image."""
    item = {
        "FunctionName": "f",
        "Environment": {"Variables": {"TABLE": "orders", "TOKEN": SECRET}, "Error": {"Message": SECRET}},
        "ImageConfigResponse": {"ImageConfig": {"Command": ["app", SECRET], "WorkingDirectory": "/"}},
        "Tags": {"Team": "tags are kept", "db-password": SECRET, "docs": f"https://me:{SECRET}@wiki.example.com/x?k={SECRET}"},
    }
    kept = redact.function(item)
    assert_clean(kept)
    assert kept["Environment"]["Variables"][0] == {"name": "TABLE", "sha256": ORDERS_SHA256, "endpoints": []}
    assert kept["ImageConfigResponse"]["ImageConfig"]["WorkingDirectory"] == "/"
    assert kept["Tags"] == {"Team": "tags are kept", "db-password": "(masked)", "docs": "https://wiki.example.com"}


def test_launch_template_keeps_no_user_data() -> None:
    """Every version's."""
    versions = [{"VersionNumber": number, "LaunchTemplateData": {"UserData": user_data(f"PW={SECRET}")}} for number in (1, 2)]
    kept = redact.launch_template({"LaunchTemplateId": "lt-1", "Versions": versions})
    assert_clean(kept)
    assert [one["LaunchTemplateData"]["UserData"]["names"] for one in kept["Versions"]] == [["PW"], ["PW"]]


def test_rest_api_keeps_no_static_value() -> None:
    """Stage variables, quoted parameters, templates and credentials in the backend's url; references to the request stay."""
    integration = {
        "uri": f"https://u:{SECRET}@backend.internal/x?k={SECRET}",
        "requestParameters": {
            "integration.request.header.Authorization": f"'Basic {SECRET}'",
            "integration.request.path.id": "method.request.path.id",
        },
        "requestTemplates": {"application/json": f'{{"key": "{SECRET}"}}'},
        "integrationResponses": {"200": {"statusCode": "200", "responseTemplates": {"application/json": SECRET}}},
    }
    item = {
        "id": "a1",
        "Stages": [{"stageName": "prod", "variables": {"key": SECRET}, "canarySettings": {"stageVariableOverrides": {"k": SECRET}}}],
        "Resources": [{"path": "/x", "resourceMethods": {"GET": {"httpMethod": "GET", "methodIntegration": integration}}}],
    }
    kept = redact.rest_api(item)
    assert_clean(kept)
    method = kept["Resources"][0]["resourceMethods"]["GET"]["methodIntegration"]
    assert method["uri"] == "https://backend.internal"
    assert method["requestParameters"]["integration.request.path.id"] == "method.request.path.id"


def test_http_api_keeps_no_static_value() -> None:
    """The same for the other API Gateway, whose members begin with capitals."""
    item = {
        "ApiId": "h1",
        "Stages": [{"StageName": "$default", "StageVariables": {"key": SECRET}}],
        "Integrations": [
            {
                "IntegrationUri": f"https://backend.internal/x?k={SECRET}",
                "RequestParameters": {"append:header.auth": f"Bearer {SECRET}", "overwrite:path": "$request.path"},
                "ResponseParameters": {"200": {"overwrite:header.x": SECRET}},
                "RequestTemplates": {"json": SECRET},
            }
        ],
    }
    kept = redact.http_api(item)
    assert_clean(kept)
    assert kept["Integrations"][0]["IntegrationUri"] == "https://backend.internal/x"
    assert kept["Integrations"][0]["RequestParameters"]["overwrite:path"] == "$request.path"


def test_load_balancer_keeps_no_shared_header() -> None:
    """The header that only the CDN knows is a secret; hosts and paths of rules are not."""
    conditions = [
        {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Origin-Verify", "Values": [SECRET]}, "Values": [SECRET]},
        {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/api/*"]}},
    ]
    fixed = {"Type": "fixed-response", "FixedResponseConfig": {"MessageBody": SECRET, "StatusCode": "200"}}
    handed_on = {"Type": "redirect", "RedirectConfig": {"Query": "#{query}", "Host": "x.example.com"}}
    redirect = {"Type": "redirect", "RedirectConfig": {"Query": f"key={SECRET}", "Host": "x.example.com"}}
    action = {"Type": "authenticate-oidc", "AuthenticateOidcConfig": {"ClientId": "id", "ClientSecret": SECRET}}
    rule = {"Conditions": conditions, "Actions": [action, fixed, redirect, handed_on]}
    item = {"Listeners": [{"DefaultActions": [fixed, redirect]}], "ListenerRules": [{"Key": "arn", "Value": [rule]}]}
    kept = redact.load_balancer(item)
    assert_clean(kept)
    rule = kept["ListenerRules"][0]["Value"][0]
    assert rule["Conditions"][1] == conditions[1]
    assert rule["Conditions"][0]["HttpHeaderConfig"]["HttpHeaderName"] == "X-Origin-Verify"
    assert rule["Actions"][1]["FixedResponseConfig"]["StatusCode"] == "200"
    assert rule["Actions"][2]["RedirectConfig"]["Host"] == "x.example.com"
    assert rule["Actions"][3] == handed_on
    assert kept["Listeners"][0]["DefaultActions"][1]["RedirectConfig"]["Host"] == "x.example.com"


def test_topic_keeps_no_web_hook_path() -> None:
    """A web hook's path is its password; a queue's ARN is not."""
    queue = {"Protocol": "sqs", "Endpoint": "arn:aws:sqs:eu-central-1:111111111111:q"}
    hook = {"Protocol": "https", "Endpoint": f"https://me:{SECRET}@events.example.com/integration/{SECRET}/enqueue"}
    plain = {"Protocol": "https", "Endpoint": f"https://events.example.com/integration/{SECRET}/enqueue"}
    kept = redact.topic({"TopicArn": "t", "Subscriptions": [queue, hook, plain]})
    assert_clean(kept)
    assert kept["Subscriptions"][0] == queue
    assert kept["Subscriptions"][2]["Endpoint"] == "https://events.example.com"


def test_stack_keeps_no_parameter_value() -> None:
    """Parameters, outputs, and the ids that custom resources make up."""
    item = {
        "StackName": "s",
        "Parameters": [{"ParameterKey": "DbPassword", "ParameterValue": SECRET}, {"ParameterKey": "Table", "ParameterValue": "orders"}],
        "Outputs": [{"OutputKey": "Token", "OutputValue": SECRET}],
        "Resources": [
            {"ResourceType": "Custom::Secret", "PhysicalResourceId": SECRET},
            {"ResourceType": "AWS::S3::Bucket", "PhysicalResourceId": "data"},
        ],
    }
    kept = redact.stack(item)
    assert_clean(kept)
    assert kept["Parameters"][1] == {"name": "Table", "sha256": ORDERS_SHA256, "endpoints": []}
    assert kept["Resources"][1]["PhysicalResourceId"] == "data"


def test_scrub_drops_secret_members_at_any_depth() -> None:
    """Masked or not, such members have no place in a spec; shared referers of bucket policies become hashes."""
    item = {
        "PendingModifiedValues": {"MasterUserPassword": SECRET, "AllocatedStorage": 20},
        "List": [{"AuthToken": SECRET, "Keep": 1}],
        "Policy": {"Statement": [{"Condition": {"StringLike": {"aws:Referer": [SECRET]}}}]},
        "AssumeRolePolicyDocument": {"Statement": [{"Condition": {"StringEquals": {"sts:ExternalId": SECRET}}}]},
    }
    kept = redact.scrub(item)
    assert_clean(kept)
    assert kept["PendingModifiedValues"] == {"AllocatedStorage": 20}
    assert kept["List"] == [{"Keep": 1}]


@pytest.mark.parametrize(
    "redaction",
    [
        redact.instance,
        redact.launch_template,
        redact.function,
        redact.task_definition,
        redact.service,
        redact.load_balancer,
        redact.rest_api,
        redact.http_api,
        redact.topic,
        redact.stack,
        redact.scrub,
    ],
)
@pytest.mark.parametrize("odd", [None, 7, "text", [], {}, [None, 3], {"a": None}])
def test_redactions_take_items_with_odd_members_and_change_nothing_in_place(redaction: Any, odd: Any) -> None:
    """A refused call leaves members out, and an emulator may answer anything: no redaction fails or writes into its input."""
    members = [
        "UserData", "Versions", "Environment", "ImageConfigResponse", "containerDefinitions", "volumes", "taskDefinitionInUse",
        "Listeners", "ListenerRules", "Stages", "Tags", "Resources", "Integrations", "Subscriptions", "Parameters", "Outputs",
    ]  # fmt: skip
    item = dict.fromkeys(members, odd)
    before = json.dumps(item)
    assert isinstance(redaction(item), dict)
    assert json.dumps(item) == before
    assert isinstance(redaction({}), dict)


SECRET_ARN = "arn:aws:secretsmanager:eu-central-1:111111111111:secret:db-AbCdEf"


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("Team", "orders", "orders"),
        ("Name", "token-service", "token-service"),
        ("db_password", SECRET, "(masked)"),
        ("DbPassphrase", SECRET, "(masked)"),
        ("PWD", SECRET, "(masked)"),
        ("db_pass", SECRET, "(masked)"),
        ("DB-PASS", SECRET, "(masked)"),
        ("dbPass", SECRET, "(masked)"),
        ("appPw1", SECRET, "(masked)"),
        ("dbpwd", SECRET, "(masked)"),
        ("passenger", "yes", "yes"),
        ("bypassPort", "443", "443"),
        ("client-secret", SECRET, "(masked)"),
        ("ApiToken", SECRET, "(masked)"),
        ("x-api-key", SECRET, "(masked)"),
        ("api.key", SECRET, "(masked)"),
        ("PrivateKey", SECRET, "(masked)"),
        ("db-password", "", ""),
        ("secret-arn", SECRET_ARN, SECRET_ARN),
        ("secret-arn", f"{SECRET_ARN} {SECRET}", "(masked)"),
        ("aws:secretsmanager:owningService", "rds", "rds"),
        ("CostKey", "4711", "4711"),
        ("bypass", "yes", "yes"),
        ("note", f"ask ops; password={SECRET}", "(masked)"),
        ("Owner", "AKIAABCDEFGHIJKLMNOP", "(masked)"),
        ("deploy", "ghp_abcdefghij1234567890", "(masked)"),
        ("aws:cloudformation:stack-name", "ghp_abcdefghij1234567890", "ghp_abcdefghij1234567890"),
        ("commit", "d670460b4b4aece5915caf5c68d12f560a9fe3e4", "d670460b4b4aece5915caf5c68d12f560a9fe3e4"),
        ("repo", "https://git.example.com/team/app#readme", "https://git.example.com/team/app#readme"),
        ("repo", f"see https://git.example.com/app?private_token={SECRET} there", "see https://git.example.com/app there"),
        ("db", f"postgres://app:{SECRET}@db.internal:5432/orders", "postgres://db.internal:5432"),
    ],
)
def test_tags_keep_what_is_no_secret(key: str, value: str, expected: str) -> None:
    assert tag_value(key, value) == expected


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("the shop's web servers", "the shop's web servers"),
        (f"ask ops, password={SECRET}", "ask ops, password=***"),
        (f"see https://wiki.example.com/sg?token={SECRET}", "see https://wiki.example.com/sg"),
        ("AKIAABCDEFGHIJKLMNOP", "AKIA***"),
    ],
)
def test_descriptions_hold_no_secret(description: str, expected: str) -> None:
    """They went into the inventory, and from there into generated code, as they were."""
    group = {"Description": description, "IpPermissions": [{"IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": description}]}]}

    kept = redact.scrub(group)

    assert kept["Description"] == kept["IpPermissions"][0]["IpRanges"][0]["Description"] == expected


def test_what_a_service_says_of_its_interface_stays() -> None:
    """Forty letters and digits of it may look like a secret, but tell the load balancer."""
    told = "ELB app/aBcD3fGh1jKlMn0pQrS/50dc6c495c0c9188"
    row = next(row for row in CATALOGUE if row.type == "AWS::EC2::NetworkInterface")
    assert row.redact is not None

    assert redact.scrub({"Description": told})["Description"] == "ELB ***"
    assert row.redact({"Description": told, "RequesterManaged": True})["Description"] == told
    assert row.redact({"Description": f"password={SECRET}", "RequesterManaged": False})["Description"] == "password=***"
    assert "Description" not in row.redact({"RequesterManaged": True})


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ([{"Key": "token", "Value": SECRET}], [{"Key": "token", "Value": "(masked)"}]),
        ([{"key": "token", "value": SECRET}], [{"key": "token", "value": "(masked)"}]),
        ([{"TagKey": "token", "TagValue": SECRET}], [{"TagKey": "token", "TagValue": "(masked)"}]),
        ([{"Key": "App", "Value": "shop", "PropagateAtLaunch": True}], [{"Key": "App", "Value": "shop", "PropagateAtLaunch": True}]),
        ({"token": SECRET, "App": "shop"}, {"token": "(masked)", "App": "shop"}),
    ],
)
def test_tags_of_every_form_are_masked_in_specs(tags: Any, expected: Any) -> None:
    for member in ("Tags", "tags", "TagSet", "TagList"):
        assert redact.scrub({"Deep": {member: tags}}) == {"Deep": {member: expected}}


@pytest.mark.parametrize(
    "uri",
    [
        f"http://${{stageVariables.host}}/x?k={SECRET}",
        f"https://u:{SECRET}@backend.internal/<id>?k=1",
        f"https://backend.internal/<id>?k={SECRET}",
        f"backend.internal/x?k={SECRET}",
    ],
)
def test_integrations_of_odd_urls_keep_no_secret(uri: str) -> None:
    assert_clean(redact.http_api({"ApiId": "h1", "Integrations": [{"IntegrationUri": uri}]}))
