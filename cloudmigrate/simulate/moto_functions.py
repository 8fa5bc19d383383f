"""Functions as Lambda has them: made by a stack with all their settings, of the code that was said, and with a package to be had."""

import json
from typing import Any

from cloudmigrate.simulate.moto_blobs import offered
from cloudmigrate.simulate.moto_registries import image_at
from cloudmigrate.simulate.moto_stacks import tags_of_stack


def install() -> None:
    """Apply every fix."""
    _make_whole()
    _make_layers()
    _know_images()
    _give_packages()
    _guard_mappings()


def _make_whole() -> None:
    """Give a function that a stack makes all of its properties, and the stack's tags; refuse a name that is taken."""
    from moto.awslambda.exceptions import FunctionAlreadyExists
    from moto.awslambda.models import LambdaFunction
    from moto.awslambda.utils import get_backend

    def create(cls: Any, /, resource_name: str, cloudformation_json: dict[str, Any], account_id: str, region_name: str, **of: Any) -> Any:
        backend, properties = get_backend(account_id, region_name), dict(cloudformation_json["Properties"])
        if any(one.function_name == resource_name for one in backend.list_functions()):
            raise FunctionAlreadyExists(resource_name)
        own = {one["Key"]: one["Value"] for one in properties.pop("Tags", ())}
        if "KmsKeyArn" in properties:
            properties["KMSKeyArn"] = properties.pop("KmsKeyArn")
        spec = {**properties, "FunctionName": resource_name, "Tags": {**tags_of_stack(account_id, region_name, of["StackId"]), **own}}
        if "ZipFile" in spec["Code"]:
            spec["Code"] = {"ZipFile": cls._create_zipfile_from_plaintext_code(spec["Code"]["ZipFile"])}
        return backend.create_function(spec)

    LambdaFunction.create_from_cloudformation_json = classmethod(create)  # type: ignore[assignment]


def _make_layers() -> None:
    """Name a layer as its template says, and let it go with its stack."""
    from moto.awslambda.models import LayerVersion
    from moto.awslambda.utils import get_backend

    def create(cls: Any, /, resource_name: str, cloudformation_json: dict[str, Any], account_id: str, region_name: str, **of: Any) -> Any:
        properties = cloudformation_json["Properties"]
        return get_backend(account_id, region_name).publish_layer_version({"LayerName": resource_name, **properties})

    def delete(self: Any, account_id: str, region_name: str) -> None:
        get_backend(account_id, region_name).delete_layer_version(self.name, str(self.version))

    LayerVersion.create_from_cloudformation_json = classmethod(create)  # type: ignore[assignment]
    LayerVersion.delete = delete  # type: ignore[attr-defined]
    LayerVersion.physical_resource_id = property(lambda self: self.arn)  # type: ignore[attr-defined]


def _know_images() -> None:
    """Name the code of an image by the image's digest, as it is in the registry."""
    from moto.awslambda.models import LambdaFunction

    of_moto, told = LambdaFunction._set_function_code, LambdaFunction.get_code

    def set_function_code(self: Any, updated_spec: dict[str, Any]) -> None:
        image = image_at(updated_spec.get("ImageUri", ""))
        if image is None:
            of_moto(self, updated_spec)
            return
        self.code_bytes, self.code_size = b"", 0
        self.code_sha_256 = image.image_digest.removeprefix("sha256:")
        self.code["ImageUri"] = updated_spec["ImageUri"]

    def get_code(self: Any) -> dict[str, Any]:
        code: dict[str, Any] = told(self)
        if "ImageUri" in self.code:
            place = self.code["ImageUri"].partition("@")[0]
            head, _, last = place.rpartition("/")
            code["Code"]["ResolvedImageUri"] = f"{head}/{last.partition(':')[0]}@sha256:{self.code_sha_256}"
        return code

    LambdaFunction._set_function_code = set_function_code  # type: ignore[method-assign]
    LambdaFunction.get_code = get_code  # type: ignore[method-assign]


def _give_packages() -> None:
    """Answer with urls under which the packages are to be had, and find a layer version by its ARN."""
    from moto.awslambda.exceptions import UnknownLayerException
    from moto.awslambda.responses import LambdaResponse

    get = LambdaResponse.get_function

    def get_function(self: Any) -> str:
        answer = json.loads(get(self))
        held = self.backend.get_function(answer["Configuration"]["FunctionName"], None)
        if "Location" in answer.get("Code", {}):
            answer["Code"]["Location"] = offered(self, held.code_bytes)
        elif held.package_type == "Zip":
            answer["Code"] = {"RepositoryType": "S3", "Location": offered(self, held.code_bytes)}
        return json.dumps(answer)

    def get_layer_version_by_arn(self: Any) -> str:
        found = self.backend.layers_versions_by_arn(self.querystring["Arn"][0])
        if found is None:
            raise UnknownLayerException
        version = found.get_layer_version()
        version["Content"]["Location"] = offered(self, found.code_bytes)
        return json.dumps(version)

    LambdaResponse.get_function = get_function  # type: ignore[method-assign]
    LambdaResponse.get_layer_version_by_arn = get_layer_version_by_arn  # type: ignore[attr-defined]


def _guard_mappings() -> None:
    """Refuse a second mapping of the same queue and function, and say of one that is not there that it is not."""
    from moto.awslambda.exceptions import LambdaClientError
    from moto.awslambda.models import LambdaBackend
    from moto.awslambda.responses import LambdaResponse

    create, listed = LambdaBackend.create_event_source_mapping, LambdaBackend.list_event_source_mappings
    changes = {name: getattr(LambdaResponse, name) for name in ("update_event_source_mapping", "delete_event_source_mapping")}

    def create_event_source_mapping(self: Any, spec: dict[str, Any]) -> Any:
        function = self.get_function(spec["FunctionName"])
        for one in self._event_source_mappings.values():
            if (one.event_source_arn, one.function_arn) == (spec["EventSourceArn"], function.function_arn):
                raise LambdaClientError("ResourceConflictException", "An event source mapping with this event source and function exists.")
        return create(self, spec)

    def list_event_source_mappings(self: Any, event_source_arn: str, function_name: str) -> Any:
        found = listed(self, event_source_arn, "")
        named = {function_name, self.get_function(function_name).function_arn} if function_name else set()
        return [one for one in found if not named or one.function_name in named or one.function_arn in named]

    def of_one(name: str) -> Any:
        def respond(self: Any) -> Any:
            status, headers, body = changes[name](self)
            if status != 404:
                return status, headers, body
            headers = {"x-amzn-errortype": "ResourceNotFoundException", "status": 404}
            return 404, headers, json.dumps({"Type": "User", "Message": "The resource you requested does not exist."})

        return respond

    LambdaBackend.create_event_source_mapping = create_event_source_mapping  # type: ignore[method-assign]
    LambdaBackend.list_event_source_mappings = list_event_source_mappings  # type: ignore[method-assign]
    for name in changes:
        setattr(LambdaResponse, name, of_one(name))
