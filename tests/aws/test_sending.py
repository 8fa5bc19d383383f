"""A request asks for leave when it is about to go out, and is not sent where there is none."""

import threading

import pytest

from cloudmigrate.aws.sending import asking
from cloudmigrate.errors import WaveBusyError
from cloudmigrate.simulate.emulator import Emulator
from tests.execution.small_estate import ACCOUNT, SOURCE, sessions


def test_what_gets_no_leave_is_not_sent_and_other_threads_are_not_asked(clean_emulator: Emulator) -> None:
    ec2 = sessions().client(ACCOUNT, "ec2", SOURCE)
    asked: list[str] = []

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
    assert asked == [threading.current_thread().name], "once: a refusal is not tried again"
    assert {one["KeyName"] for one in ec2.describe_key_pairs()["KeyPairs"]} == {"other", "later"}
