"""Client tokens as EC2 honours them: the same request under a token is done once, another one under it is refused."""

import json
import threading
from collections.abc import Callable
from typing import Any

_ONE_AT_A_TIME = threading.RLock()


def once(response: Any, operation: str, do: Callable[[], Any]) -> Any:
    """What *do* returns, or what it returned for the same token before. Source: EC2 API reference, "Ensuring idempotency"."""
    from moto.ec2.exceptions import EC2ClientError

    params = dict(response._get_params())
    token = params.pop("ClientToken", None)
    if not token or params.get("DryRun"):
        return do()
    asked = json.dumps(params, sort_keys=True, default=str)
    with _ONE_AT_A_TIME:
        known = response.ec2_backend.__dict__.setdefault("client_tokens", {})  # goes with the backend's reset
        before = known.get((operation, token))
        if before is None:
            known[operation, token] = before = (asked, do())
        elif before[0] != asked:
            raise EC2ClientError("IdempotentParameterMismatch", f"Client token {token} was used with other parameters")
        return before[1]
