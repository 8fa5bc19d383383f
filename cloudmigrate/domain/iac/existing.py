"""What of the target is there already: what waves made, by their journals."""

from collections.abc import Iterable, Mapping

from cloudmigrate.domain.journal import NOTHING, Standing, StepState
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.steps import Step

# Act -> the type of the source whose target it makes, and the output that is the target's id.
MAKES: Mapping[str, tuple[str, str]] = {
    "ec2.run_instance": ("AWS::EC2::Instance", "instance_id"),
    "rds.restore_instance": ("AWS::RDS::DBInstance", "database_id"),
    "rds.create_member": ("AWS::RDS::DBInstance", "database_id"),
    "rds.create_replica": ("AWS::RDS::DBInstance", "database_id"),
    "rds.restore_cluster": ("AWS::RDS::DBCluster", "database_id"),
    "s3.create_bucket": ("AWS::S3::Bucket", "bucket"),
}
# Type -> the property by which CloudFormation imports it. Source: CloudFormation user guide, "Resource type support", primary identifiers.
IMPORTED_BY: Mapping[str, str] = {
    "AWS::EC2::Instance": "InstanceId",
    "AWS::RDS::DBInstance": "DBInstanceIdentifier",
    "AWS::RDS::DBCluster": "DBClusterIdentifier",
    "AWS::S3::Bucket": "BucketName",
}


def existing_targets(steps: Iterable[Step], known: Mapping[str, Standing], inventory: Mapping[str, Resource]) -> dict[str, str]:
    """uid of the source -> id of its target, of every step that made one and was not taken back."""
    found: dict[str, str] = {}
    for step in steps:
        source, standing = inventory.get(step.uid), known.get(step.step_id, NOTHING)
        type_, output = MAKES.get(step.act, ("", ""))
        made = standing.outputs.get(output)
        if source is not None and source.type == type_ and standing.state is StepState.DONE and isinstance(made, str):
            found[step.uid] = made
    return found
