"""Which tags name a workload, and what becomes of values that strangers wrote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmigrate.domain.workload_names import LONGEST_NAME, TAG_KEYS, TagEvidence, workload_name, workload_tag


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        pytest.param({"App": "shop"}, TagEvidence("shop", "App", "tag", 0.95), id="app"),
        pytest.param({"application-name": "shop"}, TagEvidence("shop", "application-name", "tag", 0.95), id="however-it-is-written"),
        pytest.param({"Service": "cart", "APPLICATION": "shop"}, TagEvidence("shop", "APPLICATION", "tag", 0.95), id="the-stronger-first"),
        pytest.param({"App": " n/a ", "Project": "atlas"}, TagEvidence("atlas", "Project", "tag", 0.7), id="a-placeholder-says-nothing"),
        pytest.param({"app": "b", "App": "a"}, TagEvidence("a", "App", "tag", 0.95), id="two-spellings-of-a-key"),
        pytest.param(
            {"awsApplication": "arn:aws:resource-groups:eu-central-1:111111111111:group/shop/0abc"},
            TagEvidence("shop", "awsApplication", "tag", 0.95),
            id="my-applications",
        ),
        pytest.param(
            {"aws:cloudformation:stack-name": "shop-prod"},
            TagEvidence("shop-prod", "aws:cloudformation:stack-name", "stack", 0.85),
            id="stack",
        ),
        pytest.param({"Name": "web-1", "Environment": "prod", "Owner": "ada"}, None, id="nothing-of-the-kind"),
    ],
)
def test_tags(tags: dict[str, str], expected: TagEvidence | None) -> None:
    assert workload_tag(tags) == expected


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param("  Online   Shop\n", "Online Shop", id="one-line"),
        pytest.param("sh\x00op\x1b[31m", "shop[31m", id="controls"),
        pytest.param("\u202egnp.exe", "gnp.exe", id="turned-text"),
        pytest.param("zero\u200bwidth\ufeff", "zerowidth", id="unseen"),
        pytest.param("a\ud800b", "ab", id="half-a-surrogate"),
        pytest.param("<script>alert(1)</script>", "<script>alert(1)</script>", id="markup-is-text"),
        pytest.param("日本", "日本", id="other-scripts"),
        pytest.param("TBD", None, id="placeholder"),
        pytest.param("---***", None, id="no-letter-and-no-digit"),
        pytest.param("\u202e", None, id="nothing-left"),
    ],
)
def test_names(text: str, name: str | None) -> None:
    assert workload_name(text) == name


def test_long_names_stay_two() -> None:
    one, other = workload_name("x" * 300 + "1"), workload_name("x" * 300 + "2")

    assert one != other
    assert one is not None
    assert len(one) == LONGEST_NAME


@given(st.text())
def test_a_name_is_one_short_printable_line_and_stays_what_it_is(text: str) -> None:
    name = workload_name(text)

    assert name is None or (len(name) <= LONGEST_NAME and name.isprintable() and workload_name(name) == name)


def test_the_table_of_keys_is_normal() -> None:
    assert len({one.key for one in TAG_KEYS}) == len(TAG_KEYS)
    assert all(one.key == one.key.casefold() and not set(one.key) & set(" _-") for one in TAG_KEYS)
