"""Pages published to a stand-in of Confluence: made, brought up to date, left alone, and what is said where it fails."""

import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from pydantic import ValidationError

from cloudmigrate.confluence.client import Access, Confluence, Patience
from cloudmigrate.confluence.pages import MARK, Action, Wanted
from cloudmigrate.confluence.publishing import parent_named, publish_page
from cloudmigrate.domain.confluence_policy import ConfluencePolicy
from cloudmigrate.errors.publishing import ConfluenceConflictError, ConfluenceError, ConfluenceUnclearError
from cloudmigrate.errors.sources import LoopbackOnlyError
from tests.confluence.stand_in import TOKEN, USER, Fault, StandIn, confluence_stand_in

PAGE = Wanted("Runbook of shop", "<p>steps</p>")


@pytest.fixture
def cloud() -> Iterator[StandIn]:
    with confluence_stand_in() as found:
        yield found


def opened(
    where: StandIn, *, space: str = "OPS", token: str = TOKEN, user: str | None = USER, **patience: float
) -> tuple[Confluence, list[float]]:
    waited: list[float] = []
    usual = Patience(timeout_s=5, sleep=waited.append)
    return Confluence(Access(where.url, token, user), space, patience=replace(usual, **patience)), waited


def test_a_page_is_made_then_left_alone_then_brought_up_to_date(cloud: StandIn) -> None:
    confluence, _ = opened(cloud)
    made = publish_page(confluence, PAGE)
    assert (made.action, made.version) == (Action.CREATED, 1)
    writes = len(cloud.writes())
    assert publish_page(confluence, PAGE).action is Action.UNCHANGED
    assert len(cloud.writes()) == writes, "no change, no write"
    changed = publish_page(confluence, replace(PAGE, body="<p>other</p>"))
    assert (changed.action, changed.page_id, changed.version) == (Action.UPDATED, made.page_id, 2)
    assert cloud.page(PAGE.title)["body"] == "<p>other</p>"
    assert cloud.properties[made.page_id, MARK]["value"] == {"sha256": replace(PAGE, body="<p>other</p>").digest, "version": 2}


def test_data_center_has_the_same_api_without_wiki_and_takes_a_personal_token() -> None:
    with confluence_stand_in(prefix="") as server:
        confluence, _ = opened(server, user=None)
        assert publish_page(confluence, PAGE).action is Action.CREATED


def test_a_page_goes_under_its_parent_and_moves_with_it(cloud: StandIn) -> None:
    confluence, _ = opened(cloud)
    parent = cloud.add("Migrations")
    assert parent_named(confluence, "Migrations") == parent
    publish_page(confluence, replace(PAGE, parent_id=parent))
    assert cloud.page(PAGE.title)["ancestors"] == [{"id": parent}]
    other = cloud.add("Archive")
    assert publish_page(confluence, replace(PAGE, parent_id=other)).action is Action.UPDATED
    with pytest.raises(ConfluenceError, match=r"space OPS, page 'Nowhere': find the parent page: there is no such page\. Next: make it"):
        parent_named(confluence, "Nowhere")


def test_a_page_that_was_there_and_one_that_somebody_edited(cloud: StandIn) -> None:
    confluence, _ = opened(cloud)
    cloud.add(PAGE.title, "<p>by hand</p>")
    first = publish_page(confluence, PAGE)
    assert (first.action, first.version, first.was_edited) == (Action.UPDATED, 2, False)
    cloud.page(PAGE.title)["version"]["number"] = 5
    assert (publish_page(confluence, PAGE).action, publish_page(confluence, PAGE).was_edited) == (Action.UNCHANGED, True)
    again = publish_page(confluence, replace(PAGE, body="<p>new</p>"))
    assert (again.action, again.version, again.was_edited) == (Action.UPDATED, 6, True)


def test_one_conflict_is_gone_past_and_a_second_is_told(cloud: StandIn) -> None:
    confluence, _ = opened(cloud)
    publish_page(confluence, PAGE)
    cloud.faults = [Fault("PUT", 409)]
    assert publish_page(confluence, replace(PAGE, body="<p>2</p>")).version == 2
    cloud.faults = [Fault("PUT", 409, times=2)]
    with pytest.raises(
        ConfluenceConflictError, match=r"space OPS, page 'Runbook of shop': update the page: as the test wants\. Next: run it again"
    ):
        publish_page(confluence, replace(PAGE, body="<p>3</p>"))


def test_a_title_that_another_one_took_meanwhile_is_a_conflict(cloud: StandIn) -> None:
    confluence, _ = opened(cloud)
    cloud.faults = [Fault("POST", 400, body=b'{"message": "A page with this title already exists"}')]
    assert publish_page(confluence, PAGE).action is Action.CREATED


@pytest.mark.parametrize(
    ("asked", "waited"), [("7", 7.0), ("999999", 120.0), ("Wed, 21 Oct 2026 07:28:00 GMT", 5.0), ("", 5.0), ("-3", 5.0)]
)
def test_a_throttle_is_waited_for_as_long_as_it_says_within_reason(cloud: StandIn, asked: str, waited: float) -> None:
    confluence, slept = opened(cloud)
    cloud.faults = [Fault("POST", 429, headers={"Retry-After": asked} if asked else {})]
    assert publish_page(confluence, PAGE).action is Action.CREATED
    assert slept == [waited]
    assert len([one for one in cloud.writes() if one == "POST "]) == 2, "the page is made once: the first try was turned away"


def test_a_throttle_without_end_is_told(cloud: StandIn) -> None:
    confluence, slept = opened(cloud)
    cloud.faults = [Fault("GET", 429, times=99)]
    with pytest.raises(ConfluenceError, match=r"find the page: 429: as the test wants\. Next: Confluence asks for patience"):
        publish_page(confluence, PAGE)
    assert slept == [5.0] * 5


def test_a_read_is_tried_again_where_the_server_fails(cloud: StandIn) -> None:
    confluence, slept = opened(cloud)
    cloud.faults = [Fault("GET", 503, times=2, body=b"<html>gateway</html>")]
    assert publish_page(confluence, PAGE).action is Action.CREATED
    assert slept == [2.0, 4.0]


def test_a_write_whose_answer_was_lost_is_looked_for_and_not_done_twice(cloud: StandIn) -> None:
    confluence, _ = opened(cloud)
    cloud.faults = [Fault("POST", 502, does_it_first=True)]
    assert publish_page(confluence, PAGE).action is Action.UPDATED
    assert [one["title"] for one in cloud.pages.values()] == [PAGE.title]


def test_a_server_that_stays_down_is_told(cloud: StandIn) -> None:
    confluence, _ = opened(cloud)
    cloud.faults = [Fault("POST", 500, times=99)]
    with pytest.raises(
        ConfluenceUnclearError, match=r"create the page: 127\.0\.0\.1:\d+ answered 500\. Next: look whether Confluence is well"
    ):
        publish_page(confluence, PAGE)


def test_a_server_that_does_not_answer_in_time_is_told(cloud: StandIn) -> None:
    confluence, _ = opened(cloud, timeout_s=0.05)
    cloud.faults = [Fault("GET", 200, times=99, after_s=0.3)]
    with pytest.raises(ConfluenceUnclearError, match=r"no answer of 127\.0\.0\.1:\d+ \(ReadTimeout\)"):
        confluence.find("x")


@pytest.mark.parametrize(
    ("status", "advice"),
    [(403, "let the token's owner view the space"), (413, "publish wave by wave"), (302, "an answer that redirects is not followed")],
)
def test_what_was_refused_is_told_with_what_to_do(cloud: StandIn, status: int, advice: str) -> None:
    confluence, _ = opened(cloud)
    cloud.faults = [Fault("POST", status, headers={"Location": "http://127.0.0.1:9/evil"} if status == 302 else {})]
    with pytest.raises(
        ConfluenceError, match=rf"space OPS, page 'Runbook of shop': create the page: {status}: as the test wants\. Next: .*{advice}"
    ):
        publish_page(confluence, PAGE)


def test_a_wrong_token_and_an_unknown_space_are_told(cloud: StandIn) -> None:
    confluence, _ = opened(cloud, token="wrong")
    with pytest.raises(ConfluenceError, match=r"find the page: 401: Unauthorized\. Next: the token is not accepted"):
        publish_page(confluence, PAGE)
    confluence, _ = opened(cloud, space="NONE")
    with pytest.raises(ConfluenceError, match=r"space NONE, .*404: No space with key : NONE\. Next: check the key of the space"):
        publish_page(confluence, PAGE)


@pytest.mark.parametrize(
    "body", [b"<html>log in</html>", b"[]", b'{"results": [{}]}', b'{"results": 3}', b'{"results": [{"id": 1, "version": 2}]}']
)
def test_what_is_no_confluence_is_told(cloud: StandIn, body: bytes) -> None:
    confluence, _ = opened(cloud)
    cloud.faults = [Fault("GET", 200, body=body)]
    with pytest.raises(ConfluenceError, match=r"find the page: .* Next: check that confluence\.url is a Confluence"):
        publish_page(confluence, PAGE)


def test_a_property_of_that_name_that_is_not_ours_says_nothing(cloud: StandIn) -> None:
    confluence, _ = opened(cloud)
    page_id = cloud.add(PAGE.title)
    cloud.properties[page_id, MARK] = {"key": MARK, "value": "x", "version": {"number": 4}}
    assert publish_page(confluence, PAGE).action is Action.UPDATED
    assert cloud.properties[page_id, MARK]["version"] == {"number": 5}


def test_the_token_is_in_no_log_no_error_and_no_record(cloud: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    confluence, _ = opened(cloud)
    publish_page(confluence, PAGE)
    cloud.faults = [Fault("GET", 403, body=f'{{"message": "Bearer {TOKEN} is bad"}}'.encode())]
    with pytest.raises(ConfluenceError) as caught:
        publish_page(confluence, PAGE)
    for text in (caplog.text, str(caught.value), repr(caught.value), repr(Access(cloud.url, TOKEN))):
        assert TOKEN not in text


def test_a_title_longer_than_confluence_takes_is_refused_beforehand(cloud: StandIn) -> None:
    confluence, _ = opened(cloud)
    with pytest.raises(ConfluenceError, match="longer than 255 characters"):
        publish_page(confluence, replace(PAGE, title="x" * 256))
    assert cloud.calls == []


def test_nothing_leaves_this_machine_where_only_loopback_is_allowed() -> None:
    with pytest.raises(LoopbackOnlyError):
        Confluence(Access("https://acme.atlassian.net/wiki", TOKEN), "OPS", loopback_only=True)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://acme.atlassian.net", "https://acme.atlassian.net/wiki"),
        ("https://acme.atlassian.net/wiki/", "https://acme.atlassian.net/wiki"),
        ("https://confluence.acme.example/", "https://confluence.acme.example"),
        ("http://127.0.0.1:8090", "http://127.0.0.1:8090"),
    ],
)
def test_where_confluence_is(url: str, kept: str) -> None:
    assert ConfluencePolicy(url=url).url == kept


@pytest.mark.parametrize(
    "url", ["http://acme.example", "https://u:p@acme.example", "ftp://x", "https://", "https://x?token=1", "https://x:0"]
)
def test_an_address_that_would_give_the_token_away_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        ConfluencePolicy(url=url)
