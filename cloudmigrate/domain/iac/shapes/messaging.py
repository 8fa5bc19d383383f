"""Queues and topics in Terraform."""

from cloudmigrate.domain.iac.shape import TAGS, Argument, Reshaped, Shape, as_document, named, the_one

SHAPES = (
    Shape(
        "AWS::SQS::Queue",
        "aws_sqs_queue",
        {
            **named(
                QueueName="name",
                FifoQueue="fifo_queue",
                ContentBasedDeduplication="content_based_deduplication",
                DeduplicationScope="deduplication_scope",
                FifoThroughputLimit="fifo_throughput_limit",
                DelaySeconds="delay_seconds",
                MaximumMessageSize="max_message_size",
                MessageRetentionPeriod="message_retention_seconds",
                ReceiveMessageWaitTimeSeconds="receive_wait_time_seconds",
                VisibilityTimeout="visibility_timeout_seconds",
                KmsDataKeyReusePeriodSeconds="kms_data_key_reuse_period_seconds",
                KmsMasterKeyId="kms_master_key_id",
                SqsManagedSseEnabled="sqs_managed_sse_enabled",
            ),
            "RedrivePolicy": Argument("redrive_policy", as_document),
            "Tags": TAGS,
        },
        attributes={"": "url", "Arn": "arn", "QueueName": "name"},
        import_id="url",
    ),
    Shape(
        "AWS::SQS::QueuePolicy",
        "aws_sqs_queue_policy",
        {"PolicyDocument": Argument("policy"), "Queues": Reshaped(the_one, Argument("queue_url"))},
    ),
    Shape(
        "AWS::SNS::Topic",
        "aws_sns_topic",
        {
            **named(
                TopicName="name",
                DisplayName="display_name",
                FifoTopic="fifo_topic",
                ContentBasedDeduplication="content_based_deduplication",
                KmsMasterKeyId="kms_master_key_id",
            ),
            "Tags": TAGS,
        },
        attributes={"": "arn", "TopicArn": "arn", "Arn": "arn", "TopicName": "name"},
        import_id="arn",
    ),
    Shape(
        "AWS::SNS::TopicPolicy",
        "aws_sns_topic_policy",
        {"PolicyDocument": Argument("policy"), "Topics": Reshaped(the_one, Argument("arn"))},
    ),
    Shape("AWS::SNS::Subscription", "aws_sns_topic_subscription", named(Protocol="protocol", Endpoint="endpoint", TopicArn="topic_arn")),
)
