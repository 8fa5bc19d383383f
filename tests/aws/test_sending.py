"""A request asks for leave when it is about to go out, and is not sent where there is none."""

import threading

import pytest

from cloudmigrate.aws.sending import asking
from cloudmigrate.errors.waves import WaveBusyError
from cloudmigrate.simulate.emulator import Emulator
from tests.execution.small_estate import ACCOUNT, SOURCE, sessions


def test_what_gets_no_leave_is_not_sent_and_other_threads_are_not_asked(clean_emulator: Emulator) -> None:
    ec2 = sessions().client(ACCOUNT, "ec2", SOURCE)
    asked: list[str] = []
    ec2.meta.events.register("before-send", lambda **_: asked.append("what else is done beforehand"))

    def refused() -> None:
        asked.append(threading.current_thread().name)
        raise WaveBusyError("plan-1", 1, "bob@host:2")

    with asking(refused):
        with pytest.raises(WaveBusyError, match="bob@host:2"):
            ec2.create_key_pair(KeyName="refused")
        other = threading.Thread(target=lambda: ec2.create_key_pair(KeyName="other"))
        other.start()
        other.join()
    ec2.create_key_pair(KeyName="later")
    assert asked[:2] == ["what else is done beforehand", threading.current_thread().name], "leave is asked for last: others may wait there"
    assert asked.count(threading.current_thread().name) == 1, "a refusal is not tried again"
    assert {one["KeyName"] for one in ec2.describe_key_pairs()["KeyPairs"]} == {"other", "later"}
