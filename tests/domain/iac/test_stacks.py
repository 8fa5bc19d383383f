"""Units that are too large for one template: cut so that every limit holds, and every reference still leads to what it led to."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmigrate.domain.iac.cloudformation import StackTemplates, identifier, stacks_of
from cloudmigrate.domain.iac.links import links_of
from cloudmigrate.domain.iac.model import Blueprint, TargetResource, Unit
from cloudmigrate.domain.iac.stacks import in_order
from cloudmigrate.domain.iac.values import Ref, Slash64, Variable
from tests.domain.iac.made_blueprints import HERE, THERE, blueprint, leaf, queue, size_of_json, unit


def stacks(made: Blueprint, size: Any = size_of_json) -> dict[str, list[StackTemplates]]:
    links = links_of(made.units)
    return {one.name: list(stacks_of(made, one, links, size)) for one in made.units}


def deployed(made: Blueprint, found: Mapping[str, list[StackTemplates]]) -> dict[str, list[str]]:
    """logical id -> the logical ids whose ARN its tags end up with, as CloudFormation would resolve them, stack after stack."""
    exports: dict[str, str] = {}
    told: dict[str, list[str]] = {}
    for one in made.units:
        for stack in found[one.name]:
            first, *nested = stack.templates
            if not nested:
                deploy(stack.templates[first], {}, exports, told)
                continue
            done: dict[str, dict[str, str]] = {}
            root = stack.templates[first]
            for logical, said in root["Resources"].items():
                name = said["Properties"]["TemplateURL"]["Fn::Sub"].rpartition("}")[2].removesuffix(".yaml")
                given = {
                    parameter: done[value["Fn::GetAtt"][0]][value["Fn::GetAtt"][1].removeprefix("Outputs.")]
                    for parameter, value in said["Properties"].get("Parameters", {}).items()
                    if "Fn::GetAtt" in value  # a part that comes later is not there yet: KeyError
                }
                done[logical] = deploy(stack.templates[name], given, exports, told)
    return told


def deploy(template: Mapping[str, Any], given: Mapping[str, str], exports: dict[str, str], told: dict[str, list[str]]) -> dict[str, str]:
    def resolved(value: Mapping[str, Any]) -> str:
        [(function, argument)] = value.items()
        if function == "Fn::GetAtt":
            assert argument[0] in template["Resources"]
            return str(argument[0])
        return exports[argument] if function == "Fn::ImportValue" else given.get(argument, f"asked:{argument}")

    for logical, said in template["Resources"].items():
        told[logical] = [resolved(tag["Value"]) for tag in said.get("Properties", {}).get("Tags", ())]
    outputs = {name: resolved(said["Value"]) for name, said in template.get("Outputs", {}).items()}
    for name, said in template.get("Outputs", {}).items():
        if "Export" in said:
            assert said["Export"]["Name"] not in exports
            exports[said["Export"]["Name"]] = outputs[name]
    return outputs


def within_limits(template: Mapping[str, Any]) -> bool:
    return (
        len(template["Resources"]) <= 500
        and len(template.get("Parameters", ())) <= 200
        and len(template.get("Outputs", ())) <= 200
        and size_of_json(template) <= 1_000_000
    )


def meant(made: Blueprint) -> dict[str, list[str]]:
    by_key = {one.key: one for each in made.units for one in each.resources}
    return {identifier(one): [identifier(by_key[ref.key]) for ref in one.references()] for one in by_key.values()}


def test_what_fits_is_one_template() -> None:
    made = blueprint(unit("u", *(queue(f"q{n:03}") for n in range(500))))
    [stack] = stacks(made)["u"]
    assert list(stack.templates) == ["u"]
    assert len(stack.templates["u"]["Resources"]) == 500


def test_501_resources_are_two_nested_stacks_whose_values_go_by_parameters_and_outputs() -> None:
    # q500 refers to q000: in order q000 comes first, and q500 last
    made = blueprint(unit("u", *(queue(f"q{n:03}", to=["q000"] if n == 500 else []) for n in range(501))))
    [stack] = stacks(made)["u"]
    assert list(stack.templates) == ["u", "u.part-1", "u.part-2"]
    first, last = identifier(queue("q000")), identifier(queue("q500"))
    root = stack.templates["u"]
    assert root["Parameters"]["TemplatePrefix"]["Default"] == ""
    assert root["Resources"] == {
        "Part1": {
            "Type": "AWS::CloudFormation::Stack",
            "Properties": {
                "TemplateURL": {"Fn::Sub": "https://${TemplateBucket}.s3.${AWS::Region}.${AWS::URLSuffix}/${TemplatePrefix}u.part-1.yaml"}
            },
        },
        "Part2": {
            "Type": "AWS::CloudFormation::Stack",
            "Properties": {
                "TemplateURL": {"Fn::Sub": "https://${TemplateBucket}.s3.${AWS::Region}.${AWS::URLSuffix}/${TemplatePrefix}u.part-2.yaml"},
                "Parameters": {f"From{first}Arn": {"Fn::GetAtt": ["Part1", f"Outputs.{first}Arn"]}},
            },
        },
    }
    assert stack.templates["u.part-1"]["Outputs"] == {f"{first}Arn": {"Value": {"Fn::GetAtt": [first, "Arn"]}}}
    assert list(stack.templates["u.part-2"]["Resources"]) == [last]
    assert stack.templates["u.part-2"]["Resources"][last]["Properties"]["Tags"] == [{"Key": "q000", "Value": {"Ref": f"From{first}Arn"}}]


def test_a_resource_is_measured_once_however_often_its_unit_is_cut() -> None:
    measured: list[str] = []

    def size(template: Mapping[str, Any]) -> int:
        measured.extend(template["Resources"])
        return size_of_json(template)

    # three parts; that one template is too much is seen by the count of resources, before anything is measured
    made = blueprint(unit("u", *(queue(f"q{n:04}") for n in range(1_001))))
    [stack] = stacks(made, size)["u"]
    assert len(stack.templates) == 1 + 3
    assert sorted(measured) == sorted(identifier(one) for one in made.units[0].resources)


def test_what_later_units_need_of_a_nested_stack_is_exported_by_it() -> None:
    made = blueprint(unit("u", *(queue(f"q{n:03}") for n in range(600))), unit("v", queue("z", to=["q599"])))
    found = stacks(made)
    assert deployed(made, found) == meant(made)
    [export] = found["u"][0].templates["u.part-2"]["Outputs"].values()
    assert export["Export"] == {"Name": f"u-{identifier(queue('q599'))}Arn"}


def test_an_order_without_reference_is_kept_across_nested_stacks() -> None:
    made = blueprint(unit("u", *(queue(f"q{n:03}", needs=("q000",) if n == 500 else ()) for n in range(501))))
    [stack] = stacks(made)["u"]
    assert stack.templates["u"]["Resources"]["Part2"]["DependsOn"] == ["Part1"]


def test_no_cut_parts_a_network_from_its_addresses() -> None:
    vpc = TargetResource("v", "AWS::EC2::VPC", "v", HERE, {}, uid="v")
    provided = {"VpcId": leaf(Ref("v")), "AmazonProvidedIpv6CidrBlock": leaf(value=True)}
    block = TargetResource("v#ipv6", "AWS::EC2::VPCCidrBlock", "v", HERE, provided, uid="v", together_with="v")
    addresses = {"VpcId": leaf(Ref("v")), "Ipv6CidrBlock": leaf(Slash64(Ref("v#ipv6", "Ipv6CidrBlock"), 7))}
    subnet = TargetResource("w", "AWS::EC2::Subnet", "w", HERE, addresses, uid="w", needs=("v#ipv6",))
    made = blueprint(unit("u", *(queue(f"q{n:03}") for n in range(499)), vpc, block, subnet, *(queue(f"x{n:03}") for n in range(498))))
    [stack] = stacks(made)["u"]
    assert [len(one["Resources"]) for one in list(stack.templates.values())[1:]] == [499, 500, 1]
    told = {"Fn::Select": [0, {"Fn::GetAtt": [identifier(vpc), "Ipv6CidrBlocks"]}]}
    assert stack.templates["u.part-2"]["Resources"][identifier(subnet)]["Properties"]["Ipv6CidrBlock"] == {
        "Fn::Select": [7, {"Fn::Cidr": [told, 8, 64]}]
    }


def test_another_unit_takes_the_addresses_as_text() -> None:
    vpc = TargetResource("v", "AWS::EC2::VPC", "v", HERE, {}, uid="v")
    block = TargetResource("v#ipv6", "AWS::EC2::VPCCidrBlock", "v", HERE, {"VpcId": leaf(Ref("v"))}, uid="v", together_with="v")
    subnet = TargetResource(
        "w", "AWS::EC2::Subnet", "w", HERE, {"Ipv6CidrBlock": leaf(Slash64(Ref("v#ipv6", "Ipv6CidrBlock"), 0))}, uid="w"
    )
    found = stacks(blueprint(unit("u", vpc, block), unit("w", subnet)))
    [output] = found["u"][0].templates["u"]["Outputs"].values()
    assert output["Value"] == {"Fn::Select": [0, {"Fn::GetAtt": [identifier(vpc), "Ipv6CidrBlocks"]}]}
    said = found["w"][0].templates["w"]["Resources"][identifier(subnet)]["Properties"]["Ipv6CidrBlock"]
    assert said == {"Fn::Select": [0, {"Fn::Cidr": [{"Fn::ImportValue": output["Export"]["Name"]}, 1, 64]}]}


def test_more_values_than_a_template_may_ask_for_make_several_stacks() -> None:
    asked = [queue(f"q{n:03}", properties={"QueueName": leaf(Variable(f"name_{n:03}", "Its name."))}) for n in range(300)]
    made = blueprint(unit("u", *asked, queue("r", to=["q000", "q250"])))
    found = stacks(made)
    # 198 of them, and the two parameters of the bucket where templates lie
    assert [one.stack.name for one in found["u"]] == ["u", "u-b"]
    assert [len(one.templates[one.stack.name]["Parameters"]) for one in found["u"]] == [198, 102]
    assert deployed(made, found) == meant(made)


def test_a_list_that_is_asked_for_is_handed_on_as_text() -> None:
    asked = [
        queue(f"q{n:03}", properties={"Tags2": leaf(Variable("zones", "Which.", kind="List"))} if n == 500 else {}) for n in range(501)
    ]
    [stack] = stacks(blueprint(unit("u", *asked)))["u"]
    assert stack.templates["u"]["Resources"]["Part2"]["Properties"]["Parameters"] == {"Zones": {"Fn::Join": [",", {"Ref": "Zones"}]}}
    assert stack.templates["u"]["Parameters"]["Zones"]["Type"] == "CommaDelimitedList"


def test_a_megabyte_is_cut() -> None:
    made = blueprint(unit("u", *(queue(f"q{n:03}", properties={"Note": leaf("x" * 20_000)}) for n in range(60))))
    [stack] = stacks(made)["u"]
    assert len(stack.templates) == 4
    assert all(map(within_limits, stack.templates.values()))


def test_a_secret_has_no_echo_in_both_templates() -> None:
    secret = Variable("password", "A password.", is_secret=True)
    made = blueprint(unit("u", *(queue(f"q{n:03}", properties={"Note": leaf(secret)} if n == 500 else {}) for n in range(501))))
    [stack] = stacks(made)["u"]
    assert stack.templates["u"]["Parameters"]["Password"]["NoEcho"] is True
    assert stack.templates["u.part-2"]["Parameters"]["Password"]["NoEcho"] is True


def test_an_account_that_cannot_be_imported_from_is_asked_about() -> None:
    made = blueprint(unit("u", queue("a")), unit("v", queue("b", place=THERE, to=["a"]), place=THERE))
    [stack] = stacks(made)["v"]
    assert list(stack.templates["v"]["Parameters"]) == [f"From{identifier(queue('a'))}Arn"]


def test_a_value_that_may_be_left_empty_is_a_condition() -> None:
    name = Variable("queue_name", "Its name, or empty.", default="")
    [stack] = stacks(blueprint(unit("u", queue("a", properties={"QueueName": leaf(name)}))))["u"]
    template = stack.templates["u"]
    assert template["Parameters"]["QueueName"]["Default"] == ""
    assert template["Conditions"] == {"HasQueueName": {"Fn::Not": [{"Fn::Equals": [{"Ref": "QueueName"}, ""]}]}}
    [resource] = template["Resources"].values()
    assert resource["Properties"]["QueueName"] == {"Fn::If": ["HasQueueName", {"Ref": "QueueName"}, {"Ref": "AWS::NoValue"}]}


def test_what_loses_data_and_what_is_imported_stay_when_their_stack_goes() -> None:
    made = blueprint(unit("u", queue("a", stateful=True), queue("b", exists_as="b-there"), queue("c")))
    [stack] = stacks(made)["u"]
    kept = {identifier(one): stack.templates["u"]["Resources"][identifier(one)] for one in made.units[0].resources}
    policies = [{name: text for name, text in one.items() if name.endswith("Policy")} for one in kept.values()]
    assert policies == [{"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}, {"DeletionPolicy": "Retain"}, {}]


def test_an_order_has_a_circle_as_it_comes() -> None:
    assert [one.key for one in in_order((queue("b", to=["a"]), queue("a", to=["b"]), queue("c")))] == ["b", "a", "c"]


@st.composite
def estates(draw: st.DrawFn) -> Blueprint:
    """Units of many queues, each of which refers to some that come before it."""
    count = draw(st.integers(2, 30)) * 50
    names = [f"q{n:04}" for n in range(count)]
    picks = st.lists(st.integers(0, 2**20), max_size=4)
    made = [queue(name, to=[names[p % n] for p in draw(picks)] if n and n % 7 == 0 else ()) for n, name in enumerate(names)]
    cut = draw(st.integers(1, count - 1))
    return blueprint(unit("u", *made[:cut]), unit("v", *made[cut:]))


@given(estates())
def test_every_limit_holds_and_every_reference_leads_to_what_it_led_to(made: Blueprint) -> None:
    found = stacks(made)
    templates = [template for some in found.values() for one in some for template in one.templates.values()]
    assert all(map(within_limits, templates))
    assert deployed(made, found) == meant(made)
    assert [replace(one) for one in made.units]  # none was changed


def test_a_resource_that_refers_to_more_than_a_template_takes_is_alone_in_its_part() -> None:
    many = [queue(f"q{n:03}") for n in range(150)]
    wide = queue("wide", to=[one.key for one in many])
    [stack] = stacks(blueprint(unit("u", *many, *(queue(f"z{n:03}") for n in range(400)), wide)))["u"]
    assert all(map(within_limits, stack.templates.values()))


def keys_of(part: tuple[TargetResource, ...]) -> list[str]:
    return [one.key for one in part]


@pytest.mark.parametrize("shift", [0, 1])
def test_the_same_unit_is_cut_the_same_whatever_order_it_comes_in(shift: int) -> None:
    resources = [queue(f"q{n:03}") for n in range(700)]
    made: Unit = unit("u", *resources[shift:], *resources[:shift])
    [stack] = stacks(blueprint(made))["u"]
    assert keys_of(stack.stack.parts[1]) == [f"q{n:03}" for n in range(500, 700)]
