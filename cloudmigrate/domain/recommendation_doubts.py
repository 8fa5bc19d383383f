"""The question that a recommendation leaves open, in words: which evidence is missing, or what would change the answer."""

from collections.abc import Mapping
from typing import Any

CONFIDENCE_WORDS = (
    "confidence_pct is no probability: it counts how much was measured and for how long, and how far the nearest other strategy is; "
    "up to 50, another one may be the right one for all that was measured. The least sure stand first"
)


def doubt(parts: Mapping[str, Any], runner_up: str, change: str | None, least_sure: str | None = None) -> str:
    """What would change the answer. *change* is the reason that says it; *least_sure* is the member of a workload whose doubt it is.

    Where nothing keeps another strategy away (``margin`` 0), the question is whether it is the runner-up, and evidence that was not wholly
    measured (``sources``, shares 0..1) answers it.
    """
    missing = sorted((share, name) for name, share in parts.get("sources", {}).items() if share < 1)
    evidence = ", ".join(f"{name} ({int(100 * share)}%{'' if number else ' measured'})" for number, (share, name) in enumerate(missing))
    if least_sure is not None:
        return f"depends on {least_sure}, its least sure" + (f": {evidence}" if missing else "")
    if missing and not parts.get("margin"):
        return f"rather {runner_up}? depends on {evidence}"
    return change or ""
