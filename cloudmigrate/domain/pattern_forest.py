"""The model behind pattern verdicts: a small forest of decision trees, fitted by scikit-learn, kept and evaluated as plain arrays.

Importing scikit-learn takes longer than classifying 10,000 resources, so only `fit` does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cloudmigrate.domain.pattern_features import MODEL_FEATURES, Pattern

TREES = 15
DEPTH = 6
LEAST_SERIES_A_LEAF = 8
DIGITS = 6
Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree as arrays over its nodes; a leaf has feature -1. A value at or under the threshold goes left."""

    feature: Whole
    threshold: Floats
    left: Whole
    right: Whole
    shares: Floats  # node x class: of the training series that came here

    def votes(self, rows: Floats) -> Floats:
        """Row x class: what each row's leaf says."""
        node = np.zeros(len(rows), np.int64)
        numbers = np.arange(len(rows))
        while (inner := self.feature[node] >= 0).any():
            at = node[inner]
            goes_left = rows[numbers[inner], self.feature[at]] <= self.threshold[at]
            node[inner] = np.where(goes_left, self.left[at], self.right[at])
        return self.shares[node]


@dataclass(frozen=True, slots=True)
class Forest:
    """The fitted model: its classes, its features by name, and its trees."""

    classes: tuple[Pattern, ...]
    features: tuple[str, ...]
    trees: tuple[Tree, ...]
    seed: int

    def votes(self, rows: Floats) -> Floats:
        """Row x class, 0..1: the mean of what the trees say."""
        return np.mean([tree.votes(rows) for tree in self.trees], axis=0) if len(rows) else np.empty((0, len(self.classes)))

    def value(self) -> dict[str, Any]:
        """The forest as JSON values."""
        trees = [
            {
                "feature": tree.feature.tolist(),
                "threshold": tree.threshold.tolist(),
                "left": tree.left.tolist(),
                "right": tree.right.tolist(),
                "shares": tree.shares.tolist(),
            }
            for tree in self.trees
        ]
        return {"seed": self.seed, "classes": [str(one) for one in self.classes], "features": list(self.features), "trees": trees}

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> "Forest":
        """The forest behind the JSON values that `value` gave. Raises ValueError if it was fitted for other features than today's."""
        if tuple(value["features"]) != MODEL_FEATURES:
            raise ValueError(f"the stored forest knows the features {value['features']}, not {list(MODEL_FEATURES)}. Next: fit it anew")
        trees = tuple(
            Tree(
                feature=np.array(one["feature"], np.int64),
                threshold=np.array(one["threshold"], np.float64),
                left=np.array(one["left"], np.int64),
                right=np.array(one["right"], np.int64),
                shares=np.array(one["shares"], np.float64),
            )
            for one in value["trees"]
        )
        return cls(tuple(Pattern(one) for one in value["classes"]), MODEL_FEATURES, trees, int(value["seed"]))


def fit(rows: Floats, labels: Sequence[Pattern], *, seed: int) -> Forest:
    """The forest fitted to *rows* (one series each, columns `MODEL_FEATURES`) and their *labels*; the same for the same seed."""
    from sklearn.ensemble import RandomForestClassifier

    fitted = RandomForestClassifier(
        n_estimators=TREES, max_depth=DEPTH, min_samples_leaf=LEAST_SERIES_A_LEAF, class_weight="balanced", random_state=seed
    ).fit(rows, [str(one) for one in labels])
    trees = tuple(_tree(one.tree_) for one in fitted.estimators_)
    return Forest(tuple(Pattern(one) for one in fitted.classes_), MODEL_FEATURES, trees, seed)


def _tree(fitted: Any) -> Tree:
    weights = fitted.value[:, 0, :]
    is_leaf = fitted.children_left < 0
    return Tree(
        feature=np.where(is_leaf, -1, fitted.feature).astype(np.int64),
        threshold=np.where(is_leaf, 0.0, np.round(fitted.threshold, DIGITS)),
        left=fitted.children_left.astype(np.int64),
        right=fitted.children_right.astype(np.int64),
        shares=np.round(np.where(is_leaf[:, None], weights / weights.sum(axis=1, keepdims=True), 0.0), DIGITS).astype(np.float64),
    )
