"""Where moto 5.2 would hide the faults of a migration: images, launches and security groups as AWS has them. In the emulator only.

What moto leaves out makes wrong code pass: a second launch under the same token, volumes that are lost from an image, a group deleted
under a running server. What still differs from AWS is told in docs/migration.md.
"""

from cloudmigrate.simulate import moto_buckets, moto_groups, moto_images, moto_launches


def install() -> None:
    """Apply every fix."""
    moto_images.install()
    moto_launches.install()
    moto_groups.install()
    moto_buckets.install()
