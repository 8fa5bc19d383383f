"""What the estate has paid for in advance: three reserved servers of the shop's type, of which it runs two."""

from cloudmigrate.simulate.ec2_prices import offering_id
from cloudmigrate.simulate.estate.parts import EUROPE
from cloudmigrate.simulate.things import Act

BOUGHT_ON = "2025-06-01T00:00:00Z"

STEPS: tuple[Act, ...] = (
    Act(
        "ec2",
        "purchase_reserved_instances_offering",
        {
            "ReservedInstancesOfferingId": offering_id(EUROPE, "m5.large", lease="3yr", payment="All Upfront"),
            "InstanceCount": 3,
            "PurchaseTime": BOUGHT_ON,
        },
    ),
)
