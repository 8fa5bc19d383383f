"""The dataset of recommendations; `datasets` joins it to the others."""

import pyarrow as pa

from cloudmigrate.lake.dataset import Dataset, columns

TEXT, SHARE = pa.string(), pa.float64()

RECOMMENDATIONS = Dataset(
    name="recommendations",
    grain="one row per resource that can migrate, and one per workload, with its strategy and why",
    keys=("level", "uid"),
    json_columns=("confidence_parts", "reasons", "alternatives", "override", "features"),
    remarks={
        "uid": "of a workload, its name",
        "level": "resource, workload",
        "pattern": "of its use; of a workload, where all members agree",
        "strategy": "what holds: a person's decision until it expires, else what is recommended; of a workload, the most cautious member's",
        "recommended": "what the table says, whatever people decided",
        "rule": "which row of the table decided, see docs/recommendations.md",
        "confidence": "0..1, of what is recommended; of a workload, that of the member that is least sure",
        "confidence_parts": "completeness, window, margin, calibration (0..1); sources; calibrated_by: finished migrations",
        "reasons": "list of sentences: what decided, its numbers, what would change it; of a workload, how its members differ",
        "alternatives": "list of the others, nearest first: distance (0..1; at 0 what is missing may say so), why_not",
        "runner_up": "the nearest other strategy",
        "effort_hours": "of people, for the strategy that holds",
        "override": "a person's: strategy, reason, by, decided_at, expires_on, has_expired, would_have_been",
        "open_question": "what a person has to decide again, as an override expired",
        "features": "what the table looked at; under open, what each may be besides, as hours or days are missing",
    },
    schema=columns(
        ("uid", TEXT),
        ("level", TEXT),
        ("strategy", TEXT),
        ("recommended", TEXT),
        ("rule", TEXT),
        ("confidence", SHARE),
        ("confidence_parts", TEXT),
        ("reasons", TEXT),
        ("alternatives", TEXT),
        ("runner_up", TEXT),
        ("effort_hours", SHARE),
        ("features", TEXT),
        nullable=(("workload", TEXT), ("pattern", TEXT), ("override", TEXT), ("open_question", TEXT)),
    ),
)
RECOMMENDATION_DATASETS: tuple[Dataset, ...] = (RECOMMENDATIONS,)
