"""Dependency graphs of any size, made up: few that many need (a power law), and circles. The same for the same size."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[np.int64]

EDGES_A_NODE = 5
BACK_SHARE = 0.02  # of the edges, those that lead back up, and so close circles
NEAR = 10  # how far up they lead at most
# What a node is, with its share; types as the catalogue names them.
TYPES = (
    ("AWS::EC2::Instance", 0.45),
    ("AWS::Lambda::Function", 0.2),
    ("AWS::RDS::DBInstance", 0.1),
    ("AWS::SQS::Queue", 0.1),
    ("AWS::S3::Bucket", 0.1),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", 0.05),
)


def edges_of(nodes: int) -> "Numbers":
    """EDGES_A_NODE times as many edges as *nodes*, shape (m, 2): source needs target.

    Node numbers are shuffled, so that no order of theirs tells which is needed by whom.
    """
    import numpy as np

    rng = np.random.default_rng(20261122)
    count = nodes * EDGES_A_NODE
    source = rng.integers(1, nodes, count)
    target = (source * rng.random(count) ** 3).astype(np.int64)  # lower numbers are needed more, by a power law
    back = rng.random(count) < BACK_SHARE
    source[back], target[back] = target[back], np.minimum(target[back] + rng.integers(1, NEAR, int(back.sum())), nodes - 1)
    name = rng.permutation(nodes)
    found: Numbers = np.stack([name[source], name[target]], axis=1)
    return found


def types_of(nodes: int) -> list[str]:
    """The type of each node."""
    import numpy as np

    rng = np.random.default_rng(7)
    shares = np.array([share for _, share in TYPES])
    return [TYPES[at][0] for at in rng.choice(len(TYPES), nodes, p=shares / shares.sum()).tolist()]


def uid_of(node: int) -> str:
    """The node's uid."""
    return f"arn:aws:ec2:eu-central-1:111111111111:instance/i-{node:017x}"
