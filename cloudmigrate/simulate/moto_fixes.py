"""Where moto 5.2 differs from AWS and the demo estate would show it; applied in the emulator's own process only."""

import json
from typing import Any


def install() -> None:
    """Apply every fix."""
    _hide_snapshots_of_public_images()
    _delete_acls_with_their_vpc()
    _list_instance_profile_tags()
    _get_authorizers()


def _hide_snapshots_of_public_images() -> None:
    """Keep the snapshots behind Amazon's images from being listed as the caller's own: moto's OwnerIds filter does nothing."""
    from moto.ec2.models.amis import AmiBackend

    load = AmiBackend._load_amis

    def load_without_snapshots(self: Any) -> None:
        load(self)
        for image in self.amis.values():
            self.snapshots.pop(image.ebs_snapshot.id, None)

    AmiBackend._load_amis = load_without_snapshots  # type: ignore[method-assign]


def _delete_acls_with_their_vpc() -> None:
    """Let a VPC's network ACLs go with it; moto would list them for ever."""
    from moto.ec2.models.vpcs import VPCBackend

    delete = VPCBackend.delete_vpc

    def delete_with_acls(self: Any, vpc_id: str) -> Any:
        deleted = delete(self, vpc_id)
        for acl in [acl for acl in self.network_acls.values() if acl.vpc_id == vpc_id]:
            del self.network_acls[acl.id]
        return deleted

    VPCBackend.delete_vpc = delete_with_acls  # type: ignore[method-assign]


def _list_instance_profile_tags() -> None:
    """Answer iam:ListInstanceProfileTags, which moto leaves out."""
    from moto.core.responses import ActionResult
    from moto.iam.responses import IamResponse

    def list_instance_profile_tags(self: Any) -> Any:
        profile = self.backend.get_instance_profile(self._get_param("InstanceProfileName"))
        return ActionResult({"Tags": profile.tags, "IsTruncated": False})

    IamResponse.list_instance_profile_tags = list_instance_profile_tags  # type: ignore[attr-defined]


def _get_authorizers() -> None:
    """Answer apigatewayv2:GetAuthorizers, which moto leaves out."""
    from moto.apigatewayv2.responses import ApiGatewayV2Response

    def get_authorizers(self: Any) -> Any:
        api = self.apigatewayv2_backend.get_api(self.path.split("/")[-2])
        return 200, {}, json.dumps({"items": [one.to_json() for one in api.authorizers.values()]})

    ApiGatewayV2Response.get_authorizers = get_authorizers  # type: ignore[attr-defined]
