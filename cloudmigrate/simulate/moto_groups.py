"""Security groups as EC2 guards them: none goes while something holds it, and rules are added all or not at all."""

from typing import Any


def install() -> None:
    """Apply every fix."""
    _refuse_to_delete_held_groups()
    _answer_all_rules()


def _refuse_to_delete_held_groups() -> None:
    from moto.ec2.exceptions import DependencyViolationError
    from moto.ec2.models.security_groups import SecurityGroupBackend

    delete = SecurityGroupBackend.delete_security_group

    def delete_security_group(self: Any, name: str | None = None, group_id: str | None = None) -> None:
        found = self.get_security_group_from_id(group_id) if group_id else self.get_security_group_from_name(name)
        if found is not None and found.name != "default" and _is_held(self, found.id):
            raise DependencyViolationError(f"resource {found.id} has a dependent object")
        delete(self, name, group_id)

    SecurityGroupBackend.delete_security_group = delete_security_group  # type: ignore[method-assign]


def _is_held(backend: Any, group_id: str) -> bool:
    """Whether an interface bears the group, or a rule of another group names it."""
    if any(one.id == group_id for interface in list(backend.enis.values()) for one in interface.group_set):
        return True
    others = [one for groups in list(backend.groups.values()) for one in list(groups.values()) if one.id != group_id]
    return any(rule.source_group.get("GroupId") == group_id for one in others for rule in (*one.ingress_rules, *one.egress_rules))


def _answer_all_rules() -> None:
    """Answer every rule that was added, not those of the last permission only, and add none where one is refused."""
    from moto.core.responses import ActionResult
    from moto.ec2.responses.security_groups import SecurityGroups

    def authorize(direction: str) -> Any:
        def respond(self: Any) -> Any:
            self.error_on_dryrun()
            backend, made = self.ec2_backend, []
            asked = list(self._process_rules_from_querystring())
            group = backend.get_security_group_by_name_or_id(asked[0]["group_name_or_id"]) if asked else None
            before = list(getattr(group, f"{direction}_rules", ()))
            try:
                for one in asked:
                    rules, _ = getattr(backend, f"authorize_security_group_{direction}")(**one)
                    made += rules
            except Exception:  # whatever it was: nothing of the request stays
                if group is not None:
                    setattr(group, f"{direction}_rules", before)
                raise
            return ActionResult({"Return": True, "SecurityGroupRules": made})

        return respond

    SecurityGroups.authorize_security_group_ingress = authorize("ingress")  # type: ignore[method-assign]
    SecurityGroups.authorize_security_group_egress = authorize("egress")  # type: ignore[method-assign]
