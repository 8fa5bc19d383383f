"""Own account, Europe: the web shop's queues and functions, and the pricing and catalogue services that call each other."""

import json

from cloudmigrate.simulate.estate.parts import DB_PASSWORD, EUROPE, OWN, SHOP, WEBHOOK_TOKEN, function, rest_api
from cloudmigrate.simulate.things import Act, Thing

PRICING = {"App": "pricing", "Env": "prod", "Owner": "team-shop"}
CATALOGUE = {"App": "catalogue", "Env": "prod", "Owner": "team-shop"}
QUEUES = f"arn:aws:sqs:{EUROPE}:{OWN}"

MESSAGING = (
    Thing("orders-dead", "AWS::SQS::Queue", {"QueueName": "orders-dead"}, SHOP),
    Thing(
        "orders",
        "AWS::SQS::Queue",
        {
            "QueueName": "orders",
            "Attributes": {"RedrivePolicy": json.dumps({"deadLetterTargetArn": f"{QUEUES}:orders-dead", "maxReceiveCount": 5})},
        },
        SHOP,
    ),
    Thing("mail", "AWS::SQS::Queue", {"QueueName": "mail"}),
    Thing("order-events", "AWS::SNS::Topic", {"Name": "order-events"}, SHOP),
    Act("sns", "subscribe", {"TopicArn": "${order-events}", "Protocol": "sqs", "Endpoint": f"{QUEUES}:orders"}),
    Act("sns", "subscribe", {"TopicArn": "${order-events}", "Protocol": "sqs", "Endpoint": f"{QUEUES}:mail"}),
    function(
        "order-worker",
        "shop-functions",
        OWN,
        {"DB_HOST": "${shop-db:endpoint}", "DB_PASSWORD": DB_PASSWORD, "EVENTS_TOPIC": "${order-events}", "MODE": "live"},
        SHOP,
        VpcConfig={"SubnetIds": ["${shop-private-a}", "${shop-private-b}"], "SecurityGroupIds": ["${shop-app}"]},
    ),
    Thing(
        "orders-to-worker",
        "AWS::Lambda::EventSourceMapping",
        {"EventSourceArn": f"{QUEUES}:orders", "FunctionName": "${order-worker}", "BatchSize": 10},
    ),
    function("thumbnails", "shop-functions", OWN, {"BUCKET": "acme-shop-uploads", "HOOK_TOKEN": WEBHOOK_TOKEN}, SHOP),
    Act(
        "s3",
        "put_bucket_notification_configuration",
        {
            "Bucket": "acme-shop-uploads",
            "NotificationConfiguration": {
                "LambdaFunctionConfigurations": [{"LambdaFunctionArn": "${thumbnails:arn}", "Events": ["s3:ObjectCreated:*"]}]
            },
        },
    ),
)


def _calls(api: str) -> str:
    return f"https://${{{api}}}.execute-api.{EUROPE}.amazonaws.com/prod"


# Pricing asks the catalogue for products, the catalogue asks pricing for prices: neither can move alone.
CYCLE = (
    function("pricing", "shop-functions", OWN, {}, PRICING),
    function("catalogue", "shop-functions", OWN, {}, CATALOGUE),
    *rest_api("pricing-api", "pricing", OWN, EUROPE, PRICING),
    *rest_api("catalogue-api", "catalogue", OWN, EUROPE, CATALOGUE),
    Act(
        "lambda",
        "update_function_configuration",
        {"FunctionName": "pricing", "Environment": {"Variables": {"CATALOGUE_URL": _calls("catalogue-api")}}},
    ),
    Act(
        "lambda",
        "update_function_configuration",
        {"FunctionName": "catalogue", "Environment": {"Variables": {"PRICING_URL": _calls("pricing-api")}}},
    ),
)

STEPS: tuple[Thing | Act, ...] = (*MESSAGING, *CYCLE)
