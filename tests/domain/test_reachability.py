"""Who may talk to whom: cases worked by hand from the rules of the VPC User Guide, one small network each."""

from cloudmigrate.domain.network import Network, TransitGateway
from cloudmigrate.domain.reachability import Allowed, allowed, allowed_alone
from tests.domain.networks import (
    ALL,
    ANYWHERE,
    ANYWHERE6,
    ICMP,
    TCP,
    UDP,
    Build,
    acl,
    one_subnet,
    rule,
    spans,
    table,
    to_all,
    two_subnets,
    two_vpcs,
)


def ask(network: Network, source: str, target: str, port: int = 5432, protocol: int = TCP) -> Allowed:
    """The answer, which is the same judged by kinds of places and alone."""
    (found,) = allowed(network, [(source, target, protocol, port)])
    assert found == allowed_alone(network, (source, target, protocol, port))
    return found


def says(network: Network, source: str, target: str, port: int = 5432, protocol: int = TCP) -> str:
    return ask(network, source, target, port, protocol).verdict.value


# --- security groups ---


def with_db_rule(*rules: object) -> Network:
    """app (sg-app) and db (sg-db) in one subnet; db's group has these rules, app's lets all out."""
    made = one_subnet().group("sg-app", to_all("sg-app"), rule("sg-app", "egress", -1, ALL, ANYWHERE6)).group("sg-db", *rules)  # type: ignore[arg-type]
    return made.at("app", "s", ("10.1.0.5", "2600:1::5"), "sg-app").at("db", "s", ("10.1.0.6", "2600:1::6"), "sg-db").network()


def test_a_cidr_lets_in_what_lies_in_it_on_its_ports_only() -> None:
    network = with_db_rule(rule("sg-db", "ingress", TCP, (5432, 5433), "10.1.0.4/30"))  # .4 to .7
    answer = ask(network, "app", "db")
    assert answer.as_flag is True
    assert answer.rules == ("sg-app/egress/-1/-1--1/0.0.0.0/0", "sg-db/ingress/6/5432-5433/10.1.0.4/30")
    assert answer.passes == ("local",)  # within a subnet no network ACL is asked
    assert [says(network, "app", "db", port) for port in (5431, 5433, 5434)] == ["no", "yes", "no"]
    assert says(network, "app", "db", protocol=UDP) == "no"
    elsewhere = with_db_rule(rule("sg-db", "ingress", TCP, 5432, "10.1.0.8/29"))
    assert ask(elsewhere, "app", "db").why == "no ingress rule of sg-db lets it through"


def test_a_group_named_lets_in_its_bearers() -> None:
    network = with_db_rule(rule("sg-db", "ingress", TCP, 5432, "sg-app"))
    assert says(network, "app", "db") == "yes"
    assert says(network, "db", "app") == "no"  # without egress rules nothing leaves, and app lets nothing in


def test_a_group_that_names_itself_lets_its_bearers_talk() -> None:
    made = one_subnet().group("sg-x", to_all("sg-x"), rule("sg-x", "ingress", -1, ALL, "sg-x"))
    made.group("sg-y", to_all("sg-y")).at("a", "s", "10.1.0.5", "sg-x").at("b", "s", "10.1.0.6", "sg-x", "sg-y").at(
        "c", "s", "10.1.0.7", "sg-y"
    )
    network = made.network()
    assert [says(network, *pair) for pair in (("a", "b"), ("b", "a"), ("c", "a"))] == ["yes", "yes", "no"]


def test_egress_must_let_out_too() -> None:
    made = (
        one_subnet()
        .group("sg-app", rule("sg-app", "egress", TCP, 443, ANYWHERE))
        .group("sg-db", rule("sg-db", "ingress", -1, ALL, ANYWHERE))
    )
    network = made.at("app", "s", "10.1.0.5", "sg-app").at("db", "s", "10.1.0.6", "sg-db").network()
    assert ask(network, "app", "db").why == "no egress rule of sg-app lets it through"
    assert says(network, "app", "db", 443) == "yes"  # db needs no egress rule to answer


def test_a_prefix_list_lets_in_what_it_holds() -> None:
    holds = spans("10.1.0.5/32", "192.0.2.0/24")
    assert says(with_db_rule(rule("sg-db", "ingress", TCP, 5432, "pl-1", holds)), "app", "db") == "yes"
    assert says(with_db_rule(rule("sg-db", "ingress", TCP, 5432, "pl-1", spans("192.0.2.0/24"))), "app", "db") == "no"
    unseen = ask(with_db_rule(rule("sg-db", "ingress", TCP, 5432, "pl-1", None)), "app", "db")
    assert unseen.as_flag is None
    assert unseen.doubtful == ("sg-db/ingress/6/5432-5432/pl-1",)


def test_ipv6_needs_a_rule_of_its_own() -> None:
    made = (
        one_subnet()
        .group("sg-app", rule("sg-app", "egress", -1, ALL, ANYWHERE6))
        .group("sg-db", rule("sg-db", "ingress", TCP, 5432, "2600:1::/64"))
    )
    network = made.at("app", "s", "2600:1::5", "sg-app").at("db", "s", "2600:1::6", "sg-db").at("old", "s", "10.1.0.7", "sg-app").network()
    assert says(network, "app", "db") == "yes"
    assert ask(network, "old", "db").why == "no address of the one family is known of both"
    only_ipv4 = one_subnet().group("sg-app", to_all("sg-app")).at("app", "s", "2600:1::5", "sg-app").at("db", "s", "2600:1::6").network()
    assert says(only_ipv4, "app", "db") == "no"


def test_of_two_addresses_one_that_is_let_through_is_enough() -> None:
    assert says(with_db_rule(rule("sg-db", "ingress", TCP, 5432, "2600:1::/64")), "app", "db") == "yes"


def test_types_of_icmp_are_not_in_flow_logs() -> None:
    all_types = with_db_rule(rule("sg-db", "ingress", ICMP, ALL, ANYWHERE))
    echo = with_db_rule(rule("sg-db", "ingress", ICMP, (8, -1), ANYWHERE))
    assert says(all_types, "app", "db", 0, ICMP) == "yes"
    assert says(echo, "app", "db", 0, ICMP) == "unknown"
    assert says(all_types, "app", "db", 0, TCP) == "no"


def test_a_port_that_was_not_told_needs_a_rule_for_all() -> None:
    assert says(with_db_rule(rule("sg-db", "ingress", TCP, (0, 65535), ANYWHERE)), "app", "db", 0) == "yes"
    assert says(with_db_rule(rule("sg-db", "ingress", TCP, 5432, ANYWHERE)), "app", "db", 0) == "unknown"


def test_a_protocol_without_ports_needs_a_rule_for_it() -> None:
    gre = with_db_rule(rule("sg-db", "ingress", 47, ALL, ANYWHERE))
    assert [says(gre, "app", "db", 0, protocol) for protocol in (47, 50)] == ["yes", "no"]


def test_a_network_load_balancer_without_groups_lets_all_through() -> None:
    made = one_subnet().group("sg-app", to_all("sg-app")).at("app", "s", "10.1.0.5", "sg-app").at("nlb", "s", "10.1.0.9")
    assert says(made.network(), "app", "nlb") == "yes"


def test_what_was_not_seen_is_unknown() -> None:
    unknown = one_subnet().group("sg-app", to_all("sg-app")).at("app", "s", "10.1.0.5", "sg-app")
    assert ask(unknown.network(), "app", "gone").why == "where the target lies in the network is not known"
    unknown.at("db", "s", "10.1.0.6", groups=None)
    assert ask(unknown.network(), "app", "db").why == "which security groups apply (ingress) is not known"
    unknown.at("cache", "s", "10.1.0.7", "sg-unlisted")
    assert ask(unknown.network(), "app", "cache").why == "the rules of sg-unlisted (ingress) were not seen"
    unknown.group("sg-bare", seen=False).at("mail", "s", "10.1.0.8", "sg-bare")
    assert says(unknown.network(), "app", "mail") == "unknown"


def test_a_group_that_was_not_seen_does_not_take_back_what_another_allows() -> None:
    made = one_subnet().group("sg-app", to_all("sg-app")).group("sg-db", rule("sg-db", "ingress", TCP, 5432, "sg-app"))
    made.at("app", "s", "10.1.0.5", "sg-app").at("db", "s", "10.1.0.6", "sg-db", "sg-unlisted")
    assert says(made.network(), "app", "db") == "yes"
    assert says(made.network(), "app", "db", 22) == "unknown"


def test_of_several_places_of_which_one_is_used_all_must_agree() -> None:
    def with_rule(cidr: str) -> Network:
        made = two_subnets().group("sg-in", rule("sg-in", "ingress", TCP, 5432, cidr))
        made.group("sg-out", rule("sg-out", "egress", TCP, 5432, "10.1.0.0/24"))
        made.at("rds", "s", "10.1.0.0/24", "sg-in", is_certain=False).at("rds", "t", "10.1.1.0/24", "sg-in", is_certain=False)
        return made.at("job", "t", "10.1.1.7", "sg-out").network()

    assert says(with_rule("10.1.0.5/32"), "app", "rds") == "yes"
    assert says(with_rule("10.1.0.6/32"), "app", "rds") == "no"
    assert says(with_rule("10.1.1.7/32"), "job", "rds") == "unknown"  # job may talk to the one subnet only


def test_an_instance_with_two_interfaces_may_use_either() -> None:
    made = two_subnets().group("sg-shut").at("two", "s", "10.1.0.8", "sg-shut").at("two", "t", "10.1.1.8", "sg-open")
    assert says(made.network(), "app", "two") == "yes"


# --- network ACLs ---

IN_ALL, OUT_ALL = (100, "ingress", "allow", -1, ALL, ANYWHERE), (100, "egress", "allow", -1, ALL, ANYWHERE)


def test_a_deny_before_an_allow_counts_and_after_it_does_not() -> None:
    before = acl("acl-1", (90, "ingress", "deny", TCP, (5432, 5432), "10.1.0.0/24"), IN_ALL, OUT_ALL)
    after = acl("acl-1", (110, "ingress", "deny", TCP, (5432, 5432), "10.1.0.0/24"), IN_ALL, OUT_ALL)
    assert ask(two_subnets(second=before).network(), "app", "db").why == "acl-1/ingress/90 denies it"
    assert says(two_subnets(second=before).network(), "app", "db", 5433) == "yes"
    assert says(two_subnets(second=after).network(), "app", "db") == "yes"


def test_what_no_entry_names_is_denied() -> None:
    narrow = acl("acl-1", (100, "ingress", "allow", TCP, (443, 443), ANYWHERE), OUT_ALL)
    network = two_subnets(second=narrow).network()
    assert ask(network, "app", "db").why == "acl-1/ingress/* denies it"
    assert says(network, "app", "db", 443) == "yes"


def test_answers_need_an_entry_towards_the_clients_port() -> None:
    without = acl("acl-1", (100, "ingress", "allow", TCP, (5432, 5432), ANYWHERE), (100, "egress", "allow", TCP, (443, 443), ANYWHERE))
    answer = ask(two_subnets(second=without).network(), "app", "db")
    assert (answer.as_flag, answer.why) == (False, "answers: acl-1/egress/* denies it")
    with_all = acl("acl-1", (100, "ingress", "allow", TCP, (5432, 5432), ANYWHERE), (100, "egress", "allow", TCP, (1024, 65535), ANYWHERE))
    answer = ask(two_subnets(second=with_all).network(), "app", "db")
    assert answer.as_flag is True
    assert answer.passes == ("local", "acl-open/egress/100", "acl-1/ingress/100", "acl-1/egress/100", "acl-open/ingress/100")
    some = acl("acl-1", (100, "ingress", "allow", TCP, (5432, 5432), ANYWHERE), (100, "egress", "allow", TCP, (32768, 50000), ANYWHERE))
    assert says(two_subnets(second=some).network(), "app", "db") == "unknown"  # some of the ports that app's connections come from


def test_each_client_has_the_ports_that_its_system_uses() -> None:
    linux = acl("acl-1", IN_ALL, (100, "egress", "allow", TCP, (32768, 60999), ANYWHERE))
    made = two_subnets(second=linux).at("linux", "s", "10.1.0.7", "sg-open", client_ports=(32768, 60999))
    network = made.at("windows", "s", "10.1.0.8", "sg-open", client_ports=(49152, 65535)).network()
    answers = allowed(network, [("linux", "db", TCP, 5432), ("windows", "db", TCP, 5432)])
    assert [one.verdict.value for one in answers] == ["yes", "unknown"]


def test_two_entries_together_may_let_all_answers_through() -> None:
    both = acl(
        "acl-1", IN_ALL, (100, "egress", "allow", TCP, (1024, 40000), ANYWHERE), (110, "egress", "allow", TCP, (40001, 65535), ANYWHERE)
    )
    assert says(two_subnets(second=both).network(), "app", "db") == "yes"


def test_answers_of_icmp_need_an_entry_too() -> None:
    one_way = acl("acl-1", (100, "ingress", "allow", ICMP, ALL, ANYWHERE), (100, "egress", "allow", TCP, (0, 65535), ANYWHERE))
    assert says(two_subnets(second=one_way).network(), "app", "db", 0, ICMP) == "no"


def test_within_a_subnet_no_network_acl_is_asked() -> None:
    made = two_subnets(first=acl("acl-shut"))
    assert says(made.network(), "app", "db") == "no"
    assert says(made.at("near", "s", "10.1.0.9", "sg-open").network(), "app", "near") == "yes"


def test_an_acl_that_was_not_seen_is_unknown() -> None:
    assert ask(two_subnets(second=None).network(), "app", "db").why == "no network ACL of t was seen"


def test_what_another_stop_forbids_stays_forbidden_where_an_acl_is_unknown() -> None:
    made = two_subnets(second=None).group("sg-shut").at("cache", "t", "10.1.1.9", "sg-shut")
    assert says(made.network(), "app", "cache") == "no"


# --- routes ---

THERE, BACK = ("10.2.0.0/16", "pcx-1"), ("10.1.0.0/16", "pcx-1")


def test_peering_needs_routes_on_both_sides() -> None:
    def peered(there: list[tuple[str, str]], back: list[tuple[str, str]]) -> Allowed:
        return ask(two_vpcs(there, back).peering("pcx-1", "vpc-a", "vpc-b").network(), "app", "db")

    assert peered([THERE], [BACK]).as_flag is True
    assert peered([], [BACK]).why == "rtb-a: no route to the address"
    assert peered([THERE], []).why == "answers: rtb-b: no route to the address"
    assert peered([("10.2.0.0/16", "!pcx-1")], [BACK]).why == "rtb-a: blackhole (through pcx-1)"
    assert peered([("10.2.0.0/16", "pcx-2")], [BACK]).as_flag is None  # a peering that was not seen


def test_a_peering_that_is_not_active_or_leads_elsewhere_leads_nowhere() -> None:
    pending = two_vpcs([THERE], [BACK]).peering("pcx-1", "vpc-a", "vpc-b", is_active=False).network()
    assert ask(pending, "app", "db").why == "rtb-a: pcx-1 is not active"
    elsewhere = two_vpcs([THERE], [BACK]).peering("pcx-1", "vpc-a", "vpc-c").network()
    assert ask(elsewhere, "app", "db").why == "rtb-a: pcx-1 leads to another VPC"


def test_the_most_specific_route_wins() -> None:
    routes = [("10.2.0.0/16", "pcx-1"), ("10.2.0.0/24", "!pcx-old")]
    network = two_vpcs(routes, [BACK]).peering("pcx-1", "vpc-a", "vpc-b").network()
    assert ask(network, "app", "db").why == "rtb-a: blackhole (through pcx-old)"


def test_a_group_named_across_peering_matches_within_a_region() -> None:
    def named(within_region: bool | None) -> str:
        made = two_vpcs([THERE], [BACK]).peering("pcx-1", "vpc-a", "vpc-b", within_region=within_region)
        made.group("sg-db", rule("sg-db", "ingress", TCP, 5432, "sg-open"))
        return says(made.at("db2", "t", "10.2.0.6", "sg-db").network(), "app", "db2")

    assert [named(one) for one in (True, False, None)] == ["yes", "no", "unknown"]


def test_equal_networks_do_not_reach_one_another() -> None:
    made = (
        Build()
        .vpc("vpc-a", "10.1.0.0/16")
        .vpc("vpc-z", "10.1.0.0/16")
        .subnet("s", "vpc-a", "10.1.0.0/24")
        .subnet("z", "vpc-z", "10.1.0.0/24")
    )
    network = made.at("app", "s", "10.1.0.5").at("twin", "z", "10.1.0.6").network()
    assert ask(network, "app", "twin").why == "rtb-vpc-a: keeps the address within its own VPC"


def through_transit(tables: dict[str, str | None], references: bool | None = None) -> Build:
    made = two_vpcs([("10.0.0.0/8", "tgw-1")], [("10.0.0.0/8", "tgw-1")])
    made.transit_gateways["tgw-1"] = TransitGateway("tgw-1", tables, references)
    return made


def test_a_transit_gateway_joins_what_is_associated_with_one_of_its_tables() -> None:
    assert says(through_transit({"vpc-a": "t1", "vpc-b": "t1"}).network(), "app", "db") == "yes"
    assert says(through_transit({"vpc-a": "t1", "vpc-b": "t2"}).network(), "app", "db") == "unknown"
    assert says(through_transit({"vpc-a": None, "vpc-b": None}).network(), "app", "db") == "unknown"
    assert says(through_transit({"vpc-a": "t1"}).network(), "app", "db") == "unknown"
    assert says(two_vpcs([("10.0.0.0/8", "tgw-1")], [("10.0.0.0/8", "tgw-1")]).network(), "app", "db") == "unknown"


def test_a_group_named_across_a_transit_gateway_matches_inbound_where_supported() -> None:
    def named(direction: str, references: bool | None) -> str:
        made = through_transit({"vpc-a": "t1", "vpc-b": "t1"}, references).group("sg-x", rule("sg-x", direction, TCP, 5432, "sg-open"))
        if direction == "ingress":
            return says(made.at("x", "t", "10.2.0.6", "sg-x").network(), "app", "x")
        return says(made.at("x", "s", "10.1.0.6", "sg-x").network(), "x", "db")

    assert [named("ingress", one) for one in (True, False, None)] == ["yes", "no", "unknown"]
    assert [named("egress", one) for one in (True, False, None)] == ["no", "no", "no"]


def test_a_route_table_that_was_not_seen_is_unknown_but_the_vpc_itself_is_reached() -> None:
    made = two_vpcs([THERE], [BACK]).peering("pcx-1", "vpc-a", "vpc-b")
    made.subnets["s"] = type(made.subnets["s"])("s", "vpc-a", spans("10.1.0.0/24"), made.subnets["s"].acl, None)
    made.subnet("u", "vpc-a", "10.1.7.0/24").at("near", "u", "10.1.7.5", "sg-open")
    assert says(made.network(), "app", "db") == "unknown"
    assert says(made.network(), "app", "near") == "yes"


def test_a_route_to_an_appliance_is_unknown() -> None:
    network = two_vpcs([("10.2.0.0/16", "eni-1")], [("10.1.0.0/16", "eni-2")]).network()
    assert ask(network, "app", "db").why == "rtb-a: leads through eni-1, behind which nothing is known"


# --- ends outside the estate ---


def at_the_edge(gateway: str, **more: object) -> Build:
    made = Build().vpc("vpc-a", "10.1.0.0/16", "2600:1::/56")
    routes = table("rtb", ("10.1.0.0/16", "local"), ("2600:1::/56", "local"), (ANYWHERE, gateway), (ANYWHERE6, gateway))
    made.subnet("s", "vpc-a", "10.1.0.0/24", "2600:1::/64", routes=routes)
    made.group("sg-web", to_all("sg-web"), rule("sg-web", "ingress", TCP, 443, ANYWHERE), rule("sg-web", "egress", -1, ALL, ANYWHERE6))
    return made.at("web", "s", "10.1.0.5", "sg-web", **more)


def test_the_internet_is_reached_through_an_internet_gateway_with_a_public_address() -> None:
    public, private = at_the_edge("igw-1", public="54.1.2.3").network(), at_the_edge("igw-1").network()
    assert [says(public, *pair, 443) for pair in (("external:203.0.113.0/24", "web"), ("web", "external:203.0.113.0/24"))] == ["yes", "yes"]
    assert says(public, "external:203.0.113.0/24", "web", 22) == "no"
    assert ask(private, "web", "external:203.0.113.9", 443).why == "rtb: leads to igw-1, and the source has no public address"
    assert says(private, "external:203.0.113.9", "web", 443) == "no"


def test_behind_a_nat_gateway_things_reach_out_and_are_not_reached() -> None:
    network = at_the_edge("nat-1").network()
    assert says(network, "web", "external:203.0.113.9", 443) == "yes"
    assert says(network, "external:203.0.113.9", "web", 443) == "no"
    behind = at_the_edge("nat-1").vpc("vpc-a", "10.1.0.0/16", has_balancer=True).network()
    assert says(behind, "external:203.0.113.9", "web", 443) == "unknown"  # a network load balancer may pass it on


def test_a_network_outside_that_a_rule_names_in_part_is_unknown() -> None:
    made = at_the_edge("igw-1", public="54.1.2.3").group("sg-web", rule("sg-web", "ingress", TCP, 443, "203.0.113.7/32"))
    assert says(made.network(), "external:203.0.113.0/24", "web", 443) == "unknown"
    assert says(made.network(), "external:203.0.113.7/32", "web", 443) == "yes"
    assert says(made.network(), "external:203.0.114.0/24", "web", 443) == "no"


def test_the_data_centre_is_reached_by_a_route_to_it() -> None:
    made = at_the_edge("nat-1")
    made.subnet("s", "vpc-a", "10.1.0.0/24", routes=table("rtb", ("10.1.0.0/16", "local"), ("172.16.0.0/12", "vgw-1")))
    assert says(made.network(), "external:172.16.0.0/16", "web", 443) == "yes"
    assert says(made.network(), "external:192.168.0.0/16", "web", 443) == "no"


def test_a_service_of_aws_is_reached_by_its_prefix_list() -> None:
    made = at_the_edge("nat-1")
    made.prefix_lists["pl-s3"] = "com.amazonaws.eu-central-1.s3"
    made.group("sg-job", rule("sg-job", "egress", TCP, 443, "pl-s3", None)).at("job", "s", "10.1.0.7", "sg-job")
    assert [says(made.network(), "job", f"external:{one}", 443) for one in ("S3", "DYNAMODB", "AMAZON")] == ["yes", "no", "unknown"]
    made.at("db", "s", "10.1.0.8")
    assert says(made.network(), "job", "db", 443) == "no"  # such lists hold no private addresses


def test_ipv6_has_no_need_of_a_public_address() -> None:
    made = at_the_edge("igw-1").at("web", "s", "2600:1::5", "sg-web")
    made.group("sg-web", rule("sg-web", "ingress", TCP, 443, ANYWHERE6), rule("sg-web", "egress", -1, ALL, ANYWHERE6))
    assert says(made.network(), "external:2001:db8::/32", "web", 443) == "yes"
    only_out = at_the_edge("eigw-1").at("web", "s", "2600:1::5", "sg-web")
    only_out.group("sg-web", rule("sg-web", "ingress", TCP, 443, ANYWHERE6), rule("sg-web", "egress", -1, ALL, ANYWHERE6))
    assert says(only_out.network(), "web", "external:2001:db8::/32", 443) == "yes"
    assert says(only_out.network(), "external:2001:db8::/32", "web", 443) == "no"


def test_two_vpcs_may_meet_in_the_internet() -> None:
    made = two_vpcs([(ANYWHERE, "nat-1")], [(ANYWHERE, "igw-2")])
    made.nat_addresses["nat-1"] = spans("54.9.9.9")
    made.group("sg-db", rule("sg-db", "ingress", TCP, 5432, "54.9.9.9/32")).at("db2", "t", "10.2.0.6", "sg-db", public="54.2.2.2")
    assert says(made.network(), "app", "db2") == "yes"
    assert says(made.network(), "app", "db") == "no"  # it has no public address
    made.group("sg-db", rule("sg-db", "ingress", TCP, 5432, "sg-open"))
    assert says(made.network(), "app", "db2") == "no"  # through public addresses no group matches


def test_a_group_of_a_stranger_may_be_borne_by_what_lies_behind_peering() -> None:
    made = two_vpcs([("10.9.0.0/16", "pcx-9")], []).peering("pcx-9", "vpc-a", "vpc-foreign")
    made.group("sg-x", rule("sg-x", "ingress", TCP, 5432, "sg-foreign"), rule("sg-x", "ingress", TCP, 22, "sg-open"))
    network = made.at("x", "s", "10.1.0.6", "sg-x").network()
    assert says(network, "external:10.9.0.0/16", "x") == "unknown"
    assert says(network, "external:10.9.0.0/16", "x", 22) == "no"  # all of whose bearers are known


def test_an_address_that_nobody_is_known_to_hold_is_unknown_unless_our_own_rules_say_no() -> None:
    made = one_subnet().group("sg-db", rule("sg-db", "ingress", TCP, 5432, "10.1.0.0/24")).at("db", "s", "10.1.0.6", "sg-db")
    assert says(made.network(), "unknown:10.1.0.77", "db") == "unknown"
    assert ask(made.network(), "unknown:10.1.0.77", "db").rules == ("sg-db/ingress/6/5432-5432/10.1.0.0/24",)
    assert says(made.network(), "unknown:10.1.9.9", "db") == "no"
    assert says(made.network(), "unknown:nonsense", "db") == "unknown"
