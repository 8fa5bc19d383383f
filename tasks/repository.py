"""Code and runbooks of a plan in the Git repository of its estate, and whether anybody changed them there. No Prefect but for a token."""

from cloudmigrate import settings
from cloudmigrate.domain.repository_policy import RepositoryPolicy
from cloudmigrate.errors import UsageError
from cloudmigrate.errors.publishing import EditedCodeError
from cloudmigrate.git.commands import Credentials
from cloudmigrate.git.publishing import Published, held_since, publish
from cloudmigrate.ledger.records import PlanRow
from cloudmigrate.workspace import Workspace
from reports.runbooks import Form
from tasks.iac import generate
from tasks.runbook_reading import read_runbooks
from tasks.runbooks import files_of

PUBLISHED = "code.published"
CODE, RUNBOOKS = "iac", "runbooks"  # folders within that of the estate


def publish_plan(workspace: Workspace, plan: PlanRow, *, by: str) -> Published:
    """The plan's code and runbooks at the tip of its branch; on the audit chain.

    Raises UsageError (no repository), PublishConflictError, RepositoryError, LakeError, LedgerError, DamagedPlanError.
    """
    policy = workspace.estate.repository
    if policy.remote is None:
        raise UsageError("the estate file names no repository. Next: add the section repository: {remote: ...}.")
    files = {f"{workspace.estate.estate}/{path}": data for path, data in _files(workspace, plan).items()}
    known = _last_commit(workspace, plan)
    published = publish(
        policy,
        policy.branch(plan.plan_id),
        files,
        f"Publish {plan.plan_id} of {workspace.estate.estate}\n\nPlan hash: {plan.content_hash}",
        credentials=_credentials(policy),
        known_commit=known,
        loopback_only=settings.current().loopback_only,
    )
    if published.commit != known:
        detail = {
            "remote": policy.remote,
            "branch": published.branch,
            "commit": published.commit,
            "content_sha256": published.content_sha256,
            "plan_hash": plan.content_hash,
        }
        workspace.ledger.audit(by, PUBLISHED, plan.plan_id, detail)
    return published


def refuse_edited(workspace: Workspace, plan: PlanRow) -> None:
    """Nothing, where what was published of the plan is as it was, or nothing was. Raises EditedCodeError, RepositoryError."""
    policy, event = workspace.estate.repository, workspace.ledger.newest_audit(PUBLISHED, plan.plan_id)
    if event is None:
        return
    remote, branch, commit = (str(event.detail[name]) for name in ("remote", "branch", "commit"))
    if policy.remote != remote:
        now = policy.remote or "no repository"
        raise EditedCodeError(plan.plan_id, remote, branch, commit, f"the estate file names {now} now, and it was published to {remote}")
    held = held_since(policy, branch, commit, credentials=_credentials(policy), loopback_only=settings.current().loopback_only)
    if held.commit is None:
        raise EditedCodeError(plan.plan_id, remote, branch, commit, "the branch is no longer there")
    if held.diff:
        raise EditedCodeError(plan.plan_id, remote, branch, commit, held.diff)


def _files(workspace: Workspace, plan: PlanRow) -> dict[str, bytes]:
    code = {f"{CODE}/{path}": data for path, data in generate(workspace, plan).files.items()}
    pages = files_of(read_runbooks(workspace, plan).documents, (Form.MARKDOWN,))
    return code | {f"{RUNBOOKS}/{path}": data for path, data in pages}


def _last_commit(workspace: Workspace, plan: PlanRow) -> str | None:
    event = workspace.ledger.newest_audit(PUBLISHED, plan.plan_id)
    return None if event is None else str(event.detail["commit"])


def _credentials(policy: RepositoryPolicy) -> Credentials | None:
    if policy.token_block is None:
        token = settings.git_token()
    else:
        from blocks.secrets import secret_named

        token = secret_named(policy.token_block)
    return Credentials(policy.user, token) if token else None
