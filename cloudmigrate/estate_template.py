"""The commented estate file that `cloudmigrate init` writes."""

ESTATE_TEMPLATE = """\
# What CloudMigrate looks at, and where it keeps what it finds. Fill in the <...>, then run: cloudmigrate assess estate.yaml

# A short name: lower-case letters, digits, hyphens.
estate: my-estate

# Where the findings go: a folder (relative to this file) or s3://bucket/prefix.
lake: ./lake

# What was done and what is visible: a SQLite file, or PostgreSQL for more than one machine.
# A password never stands here: name a variable with LEDGER in its name, and it is read from the environment.
ledger: sqlite:///ledger.db
# ledger: postgresql+psycopg://cloudmigrate:${LEDGER_PASSWORD}@db.example.com/cloudmigrate

# Further places that reports are published to, besides the lake.
# reports: ["s3://bucket/reports"]

# Account ids stand in quotes. The account without a role_arn is the one that your credentials belong to; leave it out
# if you only look at others. `cloudmigrate iam-policy` prints the policy that each role needs.
accounts:
  - id: "<your account>"
    regions: [<region>]
  # - id: "222222222222"
  #   role_arn: arn:aws:iam::222222222222:role/MigrationScan
  #   external_id: the one that the role's trust policy asks for, if it does
  #   regions: [eu-central-1, us-west-2]

# How much of CloudWatch to read: days back, and seconds between points.
metrics: {days: 14, period_s: 300}

# How much of the flow logs to read: days back. What happens once a month takes a month to be seen.
traffic: {days: 14}

# Where VPC flow logs lie. Where none is named, the places that your flow logs deliver to (DescribeFlowLogs) are read.
# The credentials of the account named in the path read them, or of the one that you name.
# flow_logs:
#   - s3://bucket/AWSLogs/222222222222/vpcflowlogs/eu-central-1/
#   - {url: "s3://other-bucket/logs/", account: "222222222222"}
#   - {url: "logs://eu-central-1/log-group-name", account: "222222222222"}
flow_logs: []

# Which resource belongs to which workload, where you know: a CSV file with the columns uid,workload. It wins over tags and traffic.
# workloads: ./workloads.csv

# By which rules sizes are chosen; each gives its own rows. The first is AWS's own as it stands. `docs/patterns.md` explains each value.
# sizing:
#   profiles:
#     - {name: compute-optimizer}
#     - {name: careful, percentile: 99.9, headroom_pct: 30, memory_headroom_pct: 30, lookback_days: 14, risk_at_most: 1, burstable: false}

# Where resources move to, whose sizes are taken, and the bill that estimates are held against. `docs/costs.md` explains each.
# costs:
#   target_region: eu-central-1
#   sizing_profile: compute-optimizer
#   bill: ./focus-2026-10.parquet
#   managed_databases:
#     - {uid: "arn:aws:ec2:eu-central-1:111111111111:instance/i-0abc", engine: postgres, instance_class: db.m6g.large, multi_az: true}
#   bill_error_limit_pct: 10

# How large a wave may be, when waves take place, and what is assumed of the link between the sites. `docs/waves.md` explains each.
# Dates of waves are shifted past freeze windows; one with `environments` keeps only those back.
# planning:
#   first_wave_on: 2027-01-16
#   days_between_waves: 14
#   wave_days: 2
#   freeze_windows:
#     - {from: 2027-03-25, to: 2027-04-05, reason: quarter's end}
#     - {from: 2027-06-01, to: 2027-06-30, reason: campaign, environments: [prod]}
#   max_resources_per_wave: 50
#   max_effort_hours_per_wave: 400
#   pilot_waves: 5
#   pilot_max_servers: 9
#   link_latency_ms: 20
#   transfer_usd_per_gb: 0.09

# Where things move to; what a wave lacks here is told by `cloudmigrate preflight`, with the field. `docs/migration.md` explains each.
# targets:
#   region: eu-west-1
#   vpcs: {vpc-0a: vpc-0b}
#   subnets: {subnet-0a: subnet-0b}
#   security_groups: {sg-0a: sg-0b}
#   kms_key: alias/target
#   databases: {way: snapshot, subnet_groups: {private: inner}, parameter_groups: {tuned-16: tuned-16}}
#   dns: [{name: shop.example.com, zone_id: Z0123, uid: "arn:aws:ec2:eu-central-1:111111111111:instance/i-0abc", to: private_ip}]

# When no wave is begun, how old a backup may be, and what somebody answers for that a check found. `docs/preflight.md` explains each.
# execution:
#   freeze_windows: [{from: "2026-12-15T18:00:00+01:00", until: "2027-01-04T06:00:00+01:00", reason: year-end close}]
#   backup_max_age_hours: 24
#   waivers: [{check: quotas, subject: "snapshots*", by: ana, reason: "CHG-7: far below", expires: 2027-03-31}]

# Where runbooks are published to in Confluence (`cloudmigrate runbook --confluence SPACE`); the token is in CLOUDMIGRATE_CONFLUENCE_TOKEN
# or in the Prefect Secret block that token_block names. `user`: for Confluence Cloud alone.
# confluence: {url: "https://acme.atlassian.net/wiki", user: ana@acme.example, space: OPS, parent: Migrations}

# The Git repository that code and runbooks are published to (`cloudmigrate publish`); a token is in CLOUDMIGRATE_GIT_TOKEN
# or in a Prefect Secret block (token_block); with an SSH key none is needed.
# repository: {remote: "https://git.example.com/platform/migration.git", folder: cloudmigrate}

# Who takes part in migrations. `cloudmigrate people add ana --role approver` makes a key and prints these lines; the private key
# stays with the person. Whoever can change this file can change the keys: keep it in a repository that is reviewed.
# people:
#   - {name: ana, roles: [approver], key: "ed25519:V+nKRaTV+6XgDXk2PXR9/Tv58nilUFlYMfiQ/hxnPj0="}

# Who must approve before which point of a wave; what is left out is: one approver who did not ask. `docs/approvals.md` explains each.
# approvals:
#   cutover: {roles: [approver], quorum: 1, not_requester: true, expires_hours: 24}
"""
