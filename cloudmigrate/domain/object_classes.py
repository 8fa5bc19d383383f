"""How objects in S3 are stored and what each way is charged as: tables.

Sources: Amazon S3 User Guide, "Metrics and dimensions" (storage types of BucketSizeBytes), "Understanding and managing Amazon S3 storage
classes" (what each is for, smallest billed object, least days).
"""

from dataclasses import dataclass
from decimal import Decimal

STANDARD = "StandardStorage"
SIZE = "BucketSizeBytes"
SMALLEST_BILLED = 128 * 1024  # bytes: what a smaller object is billed as, in classes that have such a rule


@dataclass(frozen=True, slots=True)
class StorageType:
    """One storage type of CloudWatch's BucketSizeBytes, and the rate of a gigabyte of it."""

    storage_type: str
    key: str

    @property
    def metric(self) -> str:
        """The name of its metric here: of the Standard class CloudWatch's own."""
        return SIZE if self.storage_type == STANDARD else f"{SIZE}/{self.storage_type}"


STORAGE_TYPES: tuple[StorageType, ...] = tuple(
    StorageType(name, f"s3:{rate}:storage")
    for name, rate in (
        (STANDARD, "standard"),
        ("StandardIAStorage", "standard-ia"),
        ("StandardIASizeOverhead", "standard-ia"),
        ("OneZoneIAStorage", "onezone-ia"),
        ("OneZoneIASizeOverhead", "onezone-ia"),
        ("ReducedRedundancyStorage", "reduced-redundancy"),
        ("IntelligentTieringFAStorage", "intelligent"),
        ("IntelligentTieringIAStorage", "intelligent-ia"),
        ("IntelligentTieringAIAStorage", "intelligent-aia"),
        ("IntelligentTieringAAStorage", "intelligent-aa"),
        ("IntelligentTieringDAAStorage", "intelligent-daa"),
        # Of an archived object 32 KB are kept beside it at the archive's rate and 8 KB at that of the Standard class.
        ("IntAAObjectOverhead", "glacier"),
        ("IntAAS3ObjectOverhead", "standard"),
        ("IntDAAObjectOverhead", "deep-archive"),
        ("IntDAAS3ObjectOverhead", "standard"),
        ("GlacierInstantRetrievalStorage", "glacier-ir"),
        ("GlacierInstantRetrievalSizeOverhead", "glacier-ir"),
        ("GlacierStorage", "glacier"),
        ("GlacierStagingStorage", "glacier-staging"),
        ("GlacierObjectOverhead", "glacier"),
        ("GlacierS3ObjectOverhead", "standard"),
        ("DeepArchiveStorage", "deep-archive"),
        ("DeepArchiveStagingStorage", "deep-archive-staging"),
        ("DeepArchiveObjectOverhead", "deep-archive"),
        ("DeepArchiveS3ObjectOverhead", "standard"),
    )
)


@dataclass(frozen=True, slots=True)
class ClassOffer:
    """A class that Standard data may be put into, its rates, and for how rarely read data it is meant."""

    name: str
    storage_key: str  # Intelligent-Tiering: of what was read
    unread_key: str | None  # Intelligent-Tiering: of what was not read for 30 days
    retrieval_key: str | None
    write_key: str
    read_key: str
    monitoring_key: str | None
    smallest_billed: int  # bytes; 0: an object is billed as large as it is
    least_days: int  # an object that is deleted sooner is billed to that day; 0: none
    reads_below: Decimal  # a month, of the bytes that are stored

    @property
    def keys(self) -> tuple[str | None, ...]:
        """Every rate that it asks for."""
        return (self.storage_key, self.unread_key, self.retrieval_key, self.write_key, self.read_key, self.monitoring_key)


ONCE_A_MONTH, ONCE_A_QUARTER = Decimal(1), Decimal("0.333333")
CLASS_OFFERS: tuple[ClassOffer, ...] = (
    ClassOffer(
        name="Standard-IA",
        storage_key="s3:standard-ia:storage",
        unread_key=None,
        retrieval_key="s3:standard-ia:retrieval",
        write_key="s3:standard-ia:tier1",
        read_key="s3:standard-ia:tier2",
        monitoring_key=None,
        smallest_billed=SMALLEST_BILLED,
        least_days=30,
        reads_below=ONCE_A_MONTH,
    ),
    ClassOffer(
        name="Intelligent-Tiering",
        storage_key="s3:intelligent:storage",
        unread_key="s3:intelligent-ia:storage",
        retrieval_key=None,
        write_key="s3:intelligent:tier1",
        read_key="s3:intelligent:tier2",
        monitoring_key="s3:intelligent:objects",
        smallest_billed=0,
        least_days=0,
        reads_below=ONCE_A_MONTH,
    ),
    ClassOffer(
        name="Glacier Instant Retrieval",
        storage_key="s3:glacier-ir:storage",
        unread_key=None,
        retrieval_key="s3:glacier-ir:retrieval",
        write_key="s3:glacier-ir:tier1",
        read_key="s3:glacier-ir:tier2",
        monitoring_key=None,
        smallest_billed=SMALLEST_BILLED,
        least_days=90,
        reads_below=ONCE_A_QUARTER,
    ),
)
