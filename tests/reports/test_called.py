"""What people read instead of ids."""

from reports.readiness.called import by_name

ORDERS = "arn:aws:lambda:eu-central-1:111111111111:function:orders"


def test_reasons_say_names_of_what_is_known_and_leave_the_rest() -> None:
    text = f"2 others need it ({ORDERS}, arn:aws:sqs:eu-central-1:111111111111:gone); a month now 66.89 USD"
    assert (
        by_name(text, {ORDERS: "orders"}) == "2 others need it (orders, arn:aws:sqs:eu-central-1:111111111111:gone); a month now 66.89 USD"
    )
