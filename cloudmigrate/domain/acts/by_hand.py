"""What a person does, and what nobody does: recorded like every step, called by no API."""

from cloudmigrate.domain.acts.record import Act

CONFIRM = Act("by_hand.confirm", "a person does it and confirms: {text}")
RETAIN = Act("by_hand.retain", "stays where it is: {text}")

ACTS = (CONFIRM, RETAIN)
