"""Entering the accounts of an estate, and one shared client for each (account, service, region)."""

import re
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.credentials import RefreshableCredentials
from botocore.hooks import HierarchicalEmitter
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

import cloudmigrate
from cloudmigrate.aws.answers import BrokenAnswerError, GuardedParsers, is_loopback, parse_instant, refuse_far_hosts, refuse_foreign_answers
from cloudmigrate.aws.failures import CALL_ERRORS, error_code, failure_of, passes
from cloudmigrate.aws.models import CutModels, Operations
from cloudmigrate.aws.regions import GLOBAL, home_region, partition_of
from cloudmigrate.aws.sending import ask_leave
from cloudmigrate.domain.estate import Account
from cloudmigrate.errors.sources import AccountAccessError, LoopbackOnlyError

SESSION_NAME_LENGTH = 64  # AssumeRole, RoleSessionName: [\w+=,.@-]{2,64}
NOT_IN_SESSION_NAME = re.compile(r"[^A-Za-z0-9_+=,.@-]")
NO_ROLE = "NoRole"
HOST_PREFIX = re.compile(r"^(https?://)\d{12}\.")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are inside an account."""

    account_id: str
    arn: str
    partition: str  # aws, aws-us-gov, aws-cn, ...


@dataclass(frozen=True, slots=True)
class Credentials:
    """Keys as values at one moment, for a reader that is not botocore (the lake's S3)."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class CallPolicy:
    """How patient a client is."""

    attempts: int = 8  # calls in all, the first included
    connect_timeout_s: float = 10
    read_timeout_s: float = 60
    connections: int = 32  # kept open per client
    role_duration_s: int = 3600  # the longest that a role assumed from a role may have
    # STS: every unit of an account waits for it, and it answers within a second.
    sts_attempts: int = 4
    sts_connect_timeout_s: float = 5
    sts_read_timeout_s: float = 10

    def for_sts(self) -> "CallPolicy":
        """The policy for calls to STS: never more patient than for other calls."""
        return replace(
            self,
            attempts=min(self.attempts, self.sts_attempts),
            connect_timeout_s=min(self.connect_timeout_s, self.sts_connect_timeout_s),
            read_timeout_s=min(self.read_timeout_s, self.sts_read_timeout_s),
        )


@dataclass(frozen=True, slots=True)
class _Entered:
    session: botocore.session.Session
    identity: Identity


class AwsSessions:
    """Clients into every account of an estate; made once, shared by all threads.

    Endpoints are botocore's own business (AWS_ENDPOINT_URL and its per-service kin). Clients are thread-safe, botocore's sessions and
    model loader are not: one lock guards both. That costs nothing, because making a client is pure computation: 2 ms once a service's
    model has been read, which the shared loader does once per service for all accounts and regions (20 to 150 ms).

    Clients of the services in *operations* have no other operations than these (see `cloudmigrate.aws.models`); None: all have all.
    """

    def __init__(
        self,
        accounts: Sequence[Account],
        *,
        correlation_id: str,
        loopback_only: bool = False,
        policy: CallPolicy | None = None,
        operations: Operations | None = None,
    ) -> None:
        self._accounts: Mapping[str, Account] = {account.id: account for account in accounts}
        self._correlation_id = NOT_IN_SESSION_NAME.sub("-", correlation_id)
        self._loopback_only = loopback_only
        self._policy = policy or CallPolicy()
        self._operations = operations or {}
        self._making = threading.RLock()
        self._entering: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._entered: dict[str, _Entered] = {}
        self._refused: dict[str, AccountAccessError] = {}  # accounts that cannot be entered: not tried again by every region
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._loader: Any = None
        self._caller = self._new_session()

    def client(self, account_id: str, service: str, region: str) -> Any:
        """The botocore client of *service*; region ``global`` is the home region of the account's partition.

        Raises AccountAccessError if the account cannot be entered.
        """
        entered = self._enter(account_id)
        if region == GLOBAL:
            region = home_region(entered.identity.partition)
        key = (account_id, service, region)
        found = self._clients.get(key)
        if found is None:
            with self._making:
                found = self._clients.get(key)
                if found is None:
                    found = self._clients[key] = self._new_client(entered.session, service, region)
        return found

    def identity(self, account_id: str) -> Identity:
        """Who we are inside the account; asked of STS once.

        Raises AccountAccessError: no or expired credentials, the caller belongs to another account, the role cannot be assumed. What
        was refused once is refused at once from then on: a run does not ask again for each of its regions. Only with a policy of one
        attempt, whose caller tries again by itself, what may pass is not kept.
        """
        return self._enter(account_id).identity

    def credentials(self, account_id: str) -> Credentials:
        """Keys that are good now. Raises AccountAccessError if the account cannot be entered (any more)."""
        session = self._enter(account_id).session
        try:
            frozen = session.get_credentials().get_frozen_credentials()
        except CALL_ERRORS as error:
            raise self._refusal(self._accounts[account_id], error) from error
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token)

    def http(self, url: str) -> URLLib3Session:
        """A plain HTTP session for files that an API names, with the proxies and certificates of the caller's environment.

        Raises LoopbackOnlyError where the url leads elsewhere and that is not allowed.
        """
        if self._loopback_only and not is_loopback(url):
            raise LoopbackOnlyError(url.partition("?")[0])
        with self._making:
            bundle = self._caller.get_config_variable("ca_bundle")
        return URLLib3Session(
            verify=bundle or True,
            proxies=get_environ_proxies(url),
            timeout=(self._policy.connect_timeout_s, self._policy.read_timeout_s),
        )

    def release(self, account_id: str, region: str) -> None:
        """Forget the clients of one account and region and close their idle connections.

        Ten accounts of four regions are a thousand clients: 0.3 MB and several open sockets each. Another thread that still holds
        one may go on using it: it connects anew.
        """
        with self._making:
            gone = [key for key in self._clients if key[0] == account_id and key[2] == region]
            clients = [self._clients.pop(key) for key in gone]
        for client in clients:
            client.close()

    def _enter(self, account_id: str) -> _Entered:
        entered = self._entered.get(account_id)
        if entered is not None:
            return entered
        account = self._accounts[account_id]
        with self._making:
            entering = self._entering[account_id]
        with entering:
            if account_id in self._refused:
                known = self._refused[account_id]
                raise AccountAccessError(known.account_id, known.error_code, known.reason, known.next_action, known.missing_action)
            if account_id not in self._entered:
                try:
                    self._entered[account_id] = self._by_role(account) if account.role_arn else self._as_caller(account)
                except AccountAccessError as error:
                    self._refused[account_id] = error
                    raise
                except CALL_ERRORS as error:
                    refusal = self._refusal(account, error)
                    if self._policy.attempts > 1 or not passes(error):
                        self._refused[account_id] = refusal
                    raise refusal from error
        return self._entered[account_id]

    def _as_caller(self, account: Account) -> _Entered:
        answer = self._sts(account).get_caller_identity()
        caller, arn = (_text(answer, "GetCallerIdentity", member) for member in ("Account", "Arn"))
        if caller != account.id:
            raise AccountAccessError(
                account.id,
                "WrongAccount",
                f"the caller's credentials belong to account {caller}, not to {account.id}, which has no role_arn",
                f"use credentials of {account.id}, or give {account.id} a role_arn that {caller} may assume",
            )
        return _Entered(self._caller, _identity(account.id, "GetCallerIdentity", arn))

    def _by_role(self, account: Account) -> _Entered:
        sts = self._sts(account)
        request: dict[str, Any] = {
            "RoleArn": account.role_arn,
            "RoleSessionName": f"cloudmigrate-{self._correlation_id}"[:SESSION_NAME_LENGTH],
            "DurationSeconds": self._policy.role_duration_s,
        }
        if account.external_id:
            request["ExternalId"] = account.external_id
        first = sts.assume_role(**request)
        # Refreshed by botocore a quarter of an hour before they end; an error then comes out of the call that needed them.
        credentials = RefreshableCredentials.create_from_metadata(
            _refreshable(first), refresh_using=lambda: _refreshable(sts.assume_role(**request)), method="sts-assume-role"
        )
        session = self._new_session()
        session.register_component("credential_provider", SimpleNamespace(load_credentials=lambda: credentials))
        return _Entered(session, _identity(account.id, "AssumeRole", _text(first.get("AssumedRoleUser", {}), "AssumeRole", "Arn")))

    def _sts(self, account: Account) -> Any:
        """STS as the caller, in the region that the caller's environment names, else the home of the account's partition."""
        with self._making:
            home = home_region(partition_of(account.regions[0]))
            region = self._caller.get_config_variable("region") or home
            key = (NO_ROLE, "sts", region)
            if key not in self._clients:
                self._clients[key] = self._new_client(self._caller, "sts", region)
            return self._clients[key]

    def _new_session(self) -> botocore.session.Session:
        # botocore's own emitter translates names that events had before 2018, anew for each client: a sixth of a scan's time.
        # Nothing that we call emits such a name (a test says so).
        events = HierarchicalEmitter()
        session = botocore.session.Session(event_hooks=events)
        session.register_component("event_emitter", events)
        if self._loader is None:
            self._loader = session.get_component("data_loader")
            self._loader.file_loader = CutModels(self._loader.file_loader, self._operations)
        session.register_component("data_loader", self._loader)
        parsers = GuardedParsers()
        parsers.set_parser_defaults(timestamp_parser=parse_instant)
        session.register_component("response_parser_factory", parsers)
        session.register("before-parse", refuse_foreign_answers)
        if self._loopback_only:
            session.register("before-send", refuse_far_hosts)
        events.register_last("before-send", ask_leave)  # behind the rate limiter, which may wait there
        return session

    def _new_client(self, session: botocore.session.Session, service: str, region: str) -> Any:
        policy = self._policy.for_sts() if service == "sts" else self._policy
        config = Config(
            retries={"mode": "adaptive", "total_max_attempts": policy.attempts},
            connect_timeout=policy.connect_timeout_s,
            read_timeout=policy.read_timeout_s,
            max_pool_connections=policy.connections,
            user_agent_extra=f"cloudmigrate/{cloudmigrate.__version__} run/{self._correlation_id}",
            disable_request_compression=True,  # emulators do not unpack it, and we send next to nothing
        )
        client = session.create_client(service, region_name=region, config=config)
        if service == "s3" and is_loopback(client.meta.endpoint_url):
            path_style = config.merge(Config(s3={"addressing_style": "path"}))  # no DNS gives a bucket its own name on loopback
            client = session.create_client(service, region_name=region, config=path_style)
        if service == "s3control" and is_loopback(client.meta.endpoint_url):
            client.meta.events.register("before-sign.s3-control", _without_host_prefix)
        return client

    def _refusal(self, account: Account, error: Exception) -> AccountAccessError:
        """The error to show when *account* cannot be entered. Re-raises *error* if it is a fault of ours."""
        failure = failure_of(error, "sts:AssumeRole" if account.role_arn else "sts:GetCallerIdentity")
        next_action = failure.next_action
        reason = failure.detail
        if account.role_arn:
            reason = f"role {account.role_arn} cannot be assumed: {reason}"
            if error_code(error).startswith("AccessDenied"):
                next_action = "check the role's trust policy and external_id, and that the caller may sts:AssumeRole it"
        elif failure.error_code in ("InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId"):
            next_action = "the caller's access key is not known to AWS: check AWS_PROFILE or AWS_ACCESS_KEY_ID"
        return AccountAccessError(account.id, failure.error_code, reason, next_action, failure.missing_action)


def _without_host_prefix(request: Any, **_: Any) -> None:
    """Take the account from the front of a loopback host: no DNS knows ``123456789012.127.0.0.1``; it is in a header as well."""
    request.url = HOST_PREFIX.sub(r"\1", request.url)


def _identity(account_id: str, operation: str, arn: str) -> Identity:
    parts = arn.split(":")
    if len(parts) != 6 or parts[0] != "arn":
        raise BrokenAnswerError("sts", operation, "an Arn that is none")
    return Identity(account_id, arn, parts[1])


def _text(answer: Mapping[str, Any], operation: str, member: str) -> str:
    """A member of an answer of STS, that must be there."""
    value = answer.get(member)
    if not isinstance(value, str) or not value:
        raise BrokenAnswerError("sts", operation, f"a document without {member}")
    return value


def _refreshable(answer: Mapping[str, Any]) -> dict[str, str]:
    """AssumeRole's answer in the words of botocore's refreshable credentials."""
    credentials = answer.get("Credentials", {})
    expires_at = credentials.get("Expiration")
    if not isinstance(expires_at, datetime):
        raise BrokenAnswerError("sts", "AssumeRole", "a document without Expiration")
    return {
        "access_key": _text(credentials, "AssumeRole", "AccessKeyId"),
        "secret_key": _text(credentials, "AssumeRole", "SecretAccessKey"),
        "token": _text(credentials, "AssumeRole", "SessionToken"),
        "expiry_time": expires_at.astimezone(UTC).isoformat(),
    }
