"""What is set on a target bucket, one record for each setting. Source: Amazon S3 API reference, the actions named here."""

from dataclasses import dataclass
from datetime import timedelta

from cloudmigrate.domain.acts.record import Act, Call, Look, Params, Undo, quoted

NO_BUCKET = frozenset({"NoSuchBucket"})
BUSY = frozenset({"OperationAborted"})  # another change of the same bucket is under way


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that is set on a bucket."""

    name: str  # of the act; what comes after its first _ is the parameter that holds what is set
    says: str
    put: str
    member: str  # of the request
    get: str
    path: str  # of the answer, to compare with what was put
    unset: str  # operation that takes it away
    absent: str  # error code where it is not set

    @property
    def param(self) -> str:
        """The parameter that holds what is set."""
        return self.name.partition("_")[2]


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "s3.block_public_access",
        "block public access to {bucket} as at the source",
        put="PutPublicAccessBlock",
        member="PublicAccessBlockConfiguration",
        get="GetPublicAccessBlock",
        path="PublicAccessBlockConfiguration",
        unset="DeletePublicAccessBlock",
        absent="NoSuchPublicAccessBlockConfiguration",
    ),
    Setting(
        "s3.set_ownership",
        "say who owns objects in {bucket}, as at the source",
        put="PutBucketOwnershipControls",
        member="OwnershipControls",
        get="GetBucketOwnershipControls",
        path="OwnershipControls",
        unset="DeleteBucketOwnershipControls",
        absent="OwnershipControlsNotFoundError",
    ),
    Setting(
        "s3.set_encryption",
        "encrypt what comes to {bucket}",
        put="PutBucketEncryption",
        member="ServerSideEncryptionConfiguration",
        get="GetBucketEncryption",
        path="ServerSideEncryptionConfiguration",
        unset="DeleteBucketEncryption",
        absent="ServerSideEncryptionConfigurationNotFoundError",
    ),
    Setting(
        "s3.set_cors",
        "let browsers read {bucket} from the same places as the source",
        put="PutBucketCors",
        member="CORSConfiguration",
        get="GetBucketCors",
        path="{CORSRules: CORSRules}",
        unset="DeleteBucketCors",
        absent="NoSuchCORSConfiguration",
    ),
    Setting(
        "s3.set_lifecycle",
        "let objects of {bucket} grow old by the same rules as at the source",
        put="PutBucketLifecycleConfiguration",
        member="LifecycleConfiguration",
        get="GetBucketLifecycleConfiguration",
        path="{Rules: Rules}",
        unset="DeleteBucketLifecycle",
        absent="NoSuchLifecycleConfiguration",
    ),
    Setting(
        "s3.set_policy",
        "give {bucket} the policy of the source, with the names of the target",
        put="PutBucketPolicy",
        member="Policy",
        get="GetBucketPolicy",
        path="Policy",
        unset="DeleteBucketPolicy",
        absent="NoSuchBucketPolicy",
    ),
)


def _act(one: Setting) -> Act:
    def does(params: Params, key: str) -> Call:
        return Call("s3", one.put, {"Bucket": params["bucket"], one.member: params[one.param]})

    def look(params: Params, key: str) -> Look:
        same = f"[{one.path}] | [?@ == {quoted(params[one.param])}] | [0] && {quoted(params['bucket'])}"
        return Look(Call("s3", one.get, {"Bucket": params["bucket"]}), {"bucket": same}, NO_BUCKET | {one.absent})

    def undoes(params: Params, outputs: Params) -> tuple[Undo, ...]:
        return (Undo(Call("s3", one.unset, {"Bucket": params["bucket"]}), NO_BUCKET, not_yet=BUSY),)

    return Act(
        one.name,
        one.says,
        does=does,
        keeps=("bucket",),
        look=look,
        undoes=undoes,
        is_repeatable=True,
        not_yet=BUSY | NO_BUCKET,
        likely=timedelta(seconds=2),
        family="s3",
    )


ACTS = tuple(map(_act, SETTINGS))
