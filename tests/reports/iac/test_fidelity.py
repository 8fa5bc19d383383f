"""The tables of where attributes come from: each way, nothing of a secret, nothing of a stranger's words read as Markdown."""

from cloudmigrate.domain.iac.links import links_of
from cloudmigrate.domain.iac.values import Branch, Came, Here, Items, Joined, Leaf, Origin, Ref, Variable, Zone
from reports.iac.fidelity import fidelity_counts, fidelity_of, fidelity_page
from tests.domain.iac.made_blueprints import blueprint, leaf, queue, unit

NODES = {
    "Copied": leaf(5),
    "Nested": Branch({"Size": Leaf(8, Origin(Came.TRANSFORMED, "sized by use", "InstanceType"))}),
    "List": Items((Leaf(value=True, origin=Origin(Came.DEFAULTED, "encryption is on")),)),
    "Unknown": Leaf(Variable("subnet_id", "Which."), Origin(Came.UNKNOWN, "no target of subnet-1 is known", "SubnetId")),
    "LeftOut": Leaf(None, Origin(Came.UNKNOWN, "nobody knows")),
    "Secret": Leaf(Variable("password", "It.", is_secret=True), Origin(Came.SECRET, "a password", "Password")),
    "InManager": Leaf("{{resolve:secretsmanager:hush}}", Origin(Came.SECRET, "a password", "Password")),
    "Other": leaf(Joined((Ref("other", "Arn"), "/*", Here.REGION))),
    "Zone": leaf(Zone(1)),
}
MADE = blueprint(unit("u", queue("other"), queue("q|1 `x` <b>", properties=NODES)))
LINKS = links_of(MADE.units)


def test_each_attribute_is_told_with_how_it_came() -> None:
    [rows] = [one["attributes"] for one in fidelity_of(MADE.units[0], LINKS)["resources"].values() if one["attributes"]]
    assert [(one["attribute"], one["came"], one["value"], one["from"], one["by"]) for one in rows] == [
        ("Copied", "copied", "5", "member", ""),
        ("Nested.Size", "transformed", "8", "InstanceType", "sized by use"),
        ("List[0]", "defaulted", "true", "", "encryption is on"),
        ("Unknown", "unknown", "(variable SubnetId)", "SubnetId", "no target of subnet-1 is known"),
        ("LeftOut", "unknown", "(left out)", "", "nobody knows"),
        ("Secret", "secret", "(variable Password)", "Password", "a password"),
        ("InManager", "secret", "(not shown)", "Password", "a password"),
        ("Other", "copied", "(of OtherD9298A: Arn)/*(AWS::Region)", "member", ""),
        ("Zone", "copied", "(availability zone 2 of the region)", "member", ""),
    ]


def test_counts_add_up() -> None:
    assert fidelity_counts(MADE.units[0]) == {"copied": 3, "transformed": 1, "defaulted": 1, "unknown": 2, "secret": 2}


def test_the_page_shows_no_secret_and_no_mark_of_strangers() -> None:
    page = fidelity_page(MADE, MADE.units[0], fidelity_of(MADE.units[0], LINKS))
    assert "hush" not in page
    assert "AWS::SQS::Queue, q\\|1 \\`x\\` \\<b\\>, of q\\|1 \\`x\\` \\<b\\>" in page
    assert "| Nested.Size | transformed | 8 | InstanceType | sized by use |" in page
    assert "wave 1: 3 copied, 1 transformed, 1 defaulted, 2 unknown, 2 secret." in page


def test_a_long_value_is_cut() -> None:
    long = blueprint(unit("u", queue("q", properties={"Note": leaf("x" * 1_000)})))
    [row] = next(iter(fidelity_of(long.units[0], links_of(long.units))["resources"].values()))["attributes"]
    assert (len(row["value"]), row["value"][-4:]) == (300, "x...")
