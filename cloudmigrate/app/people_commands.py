"""`cloudmigrate people`: make a key, and look at who may do what."""

import re
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from cloudmigrate.app.cli_options import DEFAULT_ESTATE, DONE, FAILED, EstateOption, FormatOption
from cloudmigrate.app.output import Format, print_rows, say
from cloudmigrate.domain.roles import Role
from cloudmigrate.errors import UsageError

COLUMNS = ("name", "roles", "fingerprint", "may_answer", "key_is_here")

people_app = App(name="people", help="Make a key of your own, and list who may approve what.")


@people_app.command
def add(
    name: Annotated[str, Parameter(help="Such as ana or ana@example.com: lower case, digits, . _ @ + -")],
    *,
    role: Annotated[list[Role], Parameter(help="admin, operator, approver or viewer; repeat for several.", negative="")],
    estate: EstateOption = DEFAULT_ESTATE,
) -> int:
    """Make a key pair: the private key stays in your own folder, the lines for the estate file are printed."""
    from cloudmigrate import settings
    from cloudmigrate.app.private_keys import key_path, make_key, new_passphrase, refuse_shared_folder
    from cloudmigrate.domain.public_keys import fingerprint

    if not re.fullmatch(r"[a-z0-9][a-z0-9._@+-]{0,62}", name):
        raise UsageError(f"{name!r} is no name. Next: give one of lower-case letters, digits and . _ @ + -, at most 63.")
    folder = settings.keys_folder()
    refuse_shared_folder(folder, estate, _lake(estate))
    public = make_key(folder, name, new_passphrase())
    roles = ", ".join(dict.fromkeys(one.value for one in role))
    print(f'  - {{name: "{name}", roles: [{roles}], key: "{public}"}}')
    say(f"the private key is in {key_path(folder, name)}; only you may read it, and it belongs nowhere else.")
    say(f"Next: put the line above under `people:` in {estate}, have it reviewed and committed; its fingerprint is {fingerprint(public)}.")
    return DONE


@people_app.command(name="list")
def list_people(*, estate: EstateOption = DEFAULT_ESTATE, form: FormatOption = Format.TABLE) -> int:
    """List the people of the estate file, their keys, and at which gates they may answer."""
    print_rows(COLUMNS, _rows(estate), form)
    return DONE


@people_app.command
def check(*, estate: EstateOption = DEFAULT_ESTATE) -> int:
    """Check people, gates, and the private keys on this machine against the estate file; exit code 1 where one does not fit."""
    from cloudmigrate import settings
    from cloudmigrate.app.private_keys import SUFFIX, KeyFileError, open_key, refuse_shared_folder
    from cloudmigrate.domain.steps import WAVE_GATES
    from cloudmigrate.estate_file import load_estate

    loaded = load_estate(estate)
    for gate in WAVE_GATES:
        rule = loaded.approvals.rule(gate)
        able = [one.name for one in loaded.people if rule.may_answer(one)]
        besides = ", not by who asked" if rule.not_requester else ""
        print(f"{gate.value}: {rule.quorum} of {', '.join(able) or 'nobody yet'}{besides}, within {rule.expires_hours} h")
    folder = settings.keys_folder()
    refuse_shared_folder(folder, estate, loaded.lake)
    wrong = []
    for person in loaded.people:
        if not (folder / f"{person.name}{SUFFIX}").exists():
            continue
        try:
            public = open_key(folder, person.name).public
        except KeyFileError as error:
            wrong.append(str(error))
            continue
        if public != person.key:
            wrong.append(
                f"your key of {person.name} is not the one in {estate}. Next: put it there as `key`, the old one as `former_keys`."
            )
        else:
            print(f"{person.name}: your private key fits the estate file")
    for line in wrong:
        say(line)
    return FAILED if wrong else DONE


def _rows(estate: Path) -> list[dict[str, Any]]:
    from cloudmigrate import settings
    from cloudmigrate.app.private_keys import key_path
    from cloudmigrate.domain.public_keys import fingerprint
    from cloudmigrate.domain.steps import WAVE_GATES
    from cloudmigrate.estate_file import load_estate

    loaded, folder = load_estate(estate), settings.keys_folder()
    return [
        {
            "name": one.name,
            "roles": ", ".join(role.value for role in one.roles),
            "fingerprint": fingerprint(one.key),
            "may_answer": ", ".join(gate.value for gate in WAVE_GATES if loaded.approvals.rule(gate).may_answer(one)),
            "key_is_here": "yes" if key_path(folder, one.name).exists() else "no",
        }
        for one in loaded.people
    ]


def _lake(estate: Path) -> str | None:
    """Where the estate's lake is; None where there is no estate file yet, or none that can be read."""
    from cloudmigrate.errors.inputs import EstateFileError
    from cloudmigrate.estate_file import load_estate

    try:
        return load_estate(estate).lake
    except EstateFileError:
        return None
