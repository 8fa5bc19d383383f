"""What a person may be, and may say at a gate: words alone, so that a command line can offer them at once."""

from enum import StrEnum


class Role(StrEnum):
    """What a person does here. No role holds another: who operates and approves has both."""

    ADMIN = "admin"  # keeps the estate file and its people
    OPERATOR = "operator"  # starts, resumes and rolls back waves
    APPROVER = "approver"  # answers at the gates
    VIEWER = "viewer"  # reads


class AnswerKind(StrEnum):
    """What a person says at a gate."""

    APPROVE = "approve"
    REJECT = "reject"
