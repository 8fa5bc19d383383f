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
    _keep_permissions()
    _keep_invocations()
    _guard_urls()


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


def _keep_permissions() -> None:
    """Refuse a second statement of an id, and keep each condition that a permission is asked for with, in AWS's words."""
    from moto.awslambda.exceptions import LambdaClientError
    from moto.awslambda.policy import Policy

    add = Policy.add_statement

    def add_statement(self: Any, raw: str, qualifier: str | None = None) -> Any:
        asked = json.loads(raw)
        if any(one.get("Sid") == asked.get("StatementId") for one in self.statements):
            error = LambdaClientError("ResourceConflictException", f"The statement id ({asked['StatementId']}) provided already exists.")
            error.code = 409
            raise error
        given = {name: asked.pop(name) for name in ("FunctionUrlAuthType", "InvokedViaFunctionUrl", "PrincipalOrgID") if name in asked}
        made = add(self, json.dumps(asked), qualifier)
        for name, (operator, key) in PERMISSION_CONDITIONS.items():
            if name in given:
                value = str(given[name]).lower() if isinstance(given[name], bool) else given[name]
                made[0].setdefault("Condition", {}).setdefault(operator, {})[key] = value
        return made

    Policy.add_statement = add_statement  # type: ignore[method-assign]


PERMISSION_CONDITIONS = {
    "FunctionUrlAuthType": ("StringEquals", "lambda:FunctionUrlAuthType"),
    "InvokedViaFunctionUrl": ("Bool", "lambda:InvokedViaFunctionUrl"),
    "PrincipalOrgID": ("StringEquals", "aws:PrincipalOrgID"),
}


def _keep_invocations() -> None:
    """Put settings of asynchronous calls in the place of those that were there."""
    from moto.awslambda.models import LambdaBackend

    put = LambdaBackend.put_function_event_invoke_config

    def put_function_event_invoke_config(self: Any, function_name: str, config: dict[str, Any]) -> Any:
        answer = put(self, function_name, config)
        function = self.get_function(function_name)
        function.event_invoke_config = function.event_invoke_config[-1:]
        return answer

    LambdaBackend.put_function_event_invoke_config = put_function_event_invoke_config  # type: ignore[method-assign]


def _guard_urls() -> None:
    """Refuse a second url of a function, and say of one that is not there that it is not; name its mode as AWS does."""
    from moto.awslambda.exceptions import GenericResourcNotFound, LambdaClientError
    from moto.awslambda.models import LambdaFunction

    create, delete = LambdaFunction.create_url_config, LambdaFunction.delete_url_config

    def create_url_config(self: Any, config: dict[str, Any]) -> Any:
        if self.url_config:
            error = LambdaClientError("ResourceConflictException", f"Failed to create function url config for {self.function_arn}.")
            error.code = 409
            raise error
        return create(self, {"InvokeMode": "BUFFERED", **config})

    def delete_url_config(self: Any) -> None:
        if not self.url_config:
            raise GenericResourcNotFound
        delete(self)

    LambdaFunction.create_url_config = create_url_config  # type: ignore[method-assign]
    LambdaFunction.delete_url_config = delete_url_config  # type: ignore[method-assign]
