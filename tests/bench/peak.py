"""The memory that this process took at most. Only the standard library: peers run in environments of their own."""

import re
import resource
import sys
from pathlib import Path

STATUS = Path("/proc/self/status")
PEAK = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)


def peak_mb() -> float:
    """Peak resident memory in MB.

    Linux counts into a child's ``ru_maxrss`` what its parent held when it was started; VmHWM is the process's own.
    """
    found = PEAK.search(STATUS.read_text()) if STATUS.exists() else None
    if found:
        return int(found.group(1)) / 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 2**20 if sys.platform == "darwin" else most / 1024
