"""Where moto 5.2 would hide the faults of a migration: servers, security groups, databases as AWS has them. In the emulator only.

What moto leaves out makes wrong code pass: a second launch under the same token, volumes that are lost from an image, a group deleted
under a running server. What still differs from AWS is told in docs/migration.md.
"""

from cloudmigrate.simulate import (
    moto_buckets,
    moto_clusters,
    moto_database_snapshots,
    moto_databases,
    moto_dms,
    moto_functions,
    moto_groups,
    moto_images,
    moto_launches,
    moto_registries,
    moto_services,
    moto_stacks,
)


def install() -> None:
    """Apply every fix."""
    moto_images.install()
    moto_launches.install()
    moto_groups.install()
    moto_databases.install()
    moto_clusters.install()
    moto_database_snapshots.install()
    moto_dms.install()
    moto_stacks.install()
    moto_registries.install()
    moto_functions.install()
    moto_services.install()
    moto_buckets.install()
