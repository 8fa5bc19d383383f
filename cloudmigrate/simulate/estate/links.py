"""What joins the two accounts: the peering that one asked for and the other accepts."""

from cloudmigrate.simulate.things import Act

STEPS = (
    Act("ec2", "accept_vpc_peering_connection", {"VpcPeeringConnectionId": "${analytics-to-erp}"}),
    Act(
        "ec2",
        "create_route",
        {
            "RouteTableId": "${erp-private}",
            "DestinationCidrBlock": "10.50.0.0/16",
            "VpcPeeringConnectionId": "${analytics-to-erp}",
        },
    ),
)
