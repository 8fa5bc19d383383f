"""Functions, layers and their event sources in Terraform."""

from cloudmigrate.domain.iac.shape import TAGS, Inlined, Nested, Reshaped, Shape, named, the_one

EVERY = named(
    FunctionName="function_name",
    Description="description",
    Handler="handler",
    MemorySize="memory_size",
    PackageType="package_type",
    Runtime="runtime",
    Timeout="timeout",
    Architectures="architectures",
    KmsKeyArn="kms_key_arn",
    Layers="layers",
    Role="role",
)
DESTINATION = named(Destination="destination")


SHAPES = (
    Shape(
        "AWS::Lambda::Function",
        "aws_lambda_function",
        {
            **EVERY,
            "Code": Inlined(named(S3Bucket="s3_bucket", S3Key="s3_key", ImageUri="image_uri")),
            "DeadLetterConfig": Nested("dead_letter_config", named(TargetArn="target_arn")),
            "Environment": Nested("environment", named(Variables="variables")),
            "EphemeralStorage": Nested("ephemeral_storage", named(Size="size")),
            "FileSystemConfigs": Reshaped(the_one, Nested("file_system_config", named(Arn="arn", LocalMountPath="local_mount_path"))),
            "ImageConfig": Nested("image_config", named(Command="command", EntryPoint="entry_point", WorkingDirectory="working_directory")),
            "LoggingConfig": Nested(
                "logging_config",
                named(
                    LogGroup="log_group",
                    LogFormat="log_format",
                    ApplicationLogLevel="application_log_level",
                    SystemLogLevel="system_log_level",
                ),
            ),
            "SnapStart": Nested("snap_start", named(ApplyOn="apply_on")),
            "TracingConfig": Nested("tracing_config", named(Mode="mode")),
            "VpcConfig": Nested(
                "vpc_config",
                named(SubnetIds="subnet_ids", SecurityGroupIds="security_group_ids", Ipv6AllowedForDualStack="ipv6_allowed_for_dual_stack"),
            ),
            "Tags": TAGS,
        },
        attributes={"": "function_name", "Arn": "arn"},
    ),
    Shape(
        "AWS::Lambda::LayerVersion",
        "aws_lambda_layer_version",
        {
            **named(
                LayerName="layer_name",
                CompatibleRuntimes="compatible_runtimes",
                CompatibleArchitectures="compatible_architectures",
                Description="description",
                LicenseInfo="license_info",
            ),
            "Content": Inlined(named(S3Bucket="s3_bucket", S3Key="s3_key")),
        },
        attributes={"": "arn", "LayerVersionArn": "arn"},
    ),
    Shape(
        "AWS::Lambda::EventSourceMapping",
        "aws_lambda_event_source_mapping",
        {
            **named(
                FunctionName="function_name",
                EventSourceArn="event_source_arn",
                Enabled="enabled",
                BatchSize="batch_size",
                BisectBatchOnFunctionError="bisect_batch_on_function_error",
                FunctionResponseTypes="function_response_types",
                MaximumBatchingWindowInSeconds="maximum_batching_window_in_seconds",
                MaximumRecordAgeInSeconds="maximum_record_age_in_seconds",
                MaximumRetryAttempts="maximum_retry_attempts",
                ParallelizationFactor="parallelization_factor",
                StartingPosition="starting_position",
                TumblingWindowInSeconds="tumbling_window_in_seconds",
            ),
            "FilterCriteria": Nested("filter_criteria", {"Filters": Nested("filter", named(Pattern="pattern"))}),
            "ScalingConfig": Nested("scaling_config", named(MaximumConcurrency="maximum_concurrency")),
            "DestinationConfig": Nested("destination_config", {"OnFailure": Nested("on_failure", named(Destination="destination_arn"))}),
        },
        attributes={"": "uuid"},
    ),
    Shape(
        "AWS::Lambda::Permission",
        "aws_lambda_permission",
        named(Action="action", FunctionName="function_name", Principal="principal", SourceAccount="source_account", SourceArn="source_arn"),
    ),
    Shape(
        "AWS::Lambda::Url",
        "aws_lambda_function_url",
        {
            **named(AuthType="authorization_type", InvokeMode="invoke_mode", TargetFunctionArn="function_name"),
            "Cors": Nested(
                "cors",
                named(
                    AllowCredentials="allow_credentials",
                    AllowHeaders="allow_headers",
                    AllowMethods="allow_methods",
                    AllowOrigins="allow_origins",
                    ExposeHeaders="expose_headers",
                    MaxAge="max_age",
                ),
            ),
        },
    ),
    Shape(
        "AWS::Lambda::EventInvokeConfig",
        "aws_lambda_function_event_invoke_config",
        {
            **named(
                FunctionName="function_name",
                Qualifier="qualifier",
                MaximumRetryAttempts="maximum_retry_attempts",
                MaximumEventAgeInSeconds="maximum_event_age_in_seconds",
            ),
            "DestinationConfig": Nested(
                "destination_config", {"OnSuccess": Nested("on_success", DESTINATION), "OnFailure": Nested("on_failure", DESTINATION)}
            ),
        },
    ),
)
