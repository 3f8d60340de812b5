import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from html.parser import HTMLParser

import jwt
import pytest

from lti import deep_linking, keys, protocol
from lti.deep_linking import Item, content_item, is_true
from tests.lti.platform import LTI

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
ITEM = Item(url="https://byte.example/lti/launch/", title="IT Project Manager", custom={"byte": "it-project-manager"})


class Form(HTMLParser):
    """What a browser sees."""

    def __init__(self, html):
        super().__init__()
        self.tags = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    @property
    def action(self):
        return next(attributes["action"] for tag, attributes in self.tags if tag == "form")

    @property
    def jwt(self):
        return next(attributes["value"] for tag, attributes in self.tags if attributes.get("name") == "JWT")


@pytest.fixture
def registration(platform, keyset):
    keyset.install()
    return platform.register()


@pytest.fixture
def respond(registration):
    def answer(*items, message="", **settings):
        wish = {"deep_link_return_url": "https://lms.example/return", "accept_types": ["ltiResourceLink"], **settings}
        html = protocol.deep_linking_response(registration, "1", wish, items, message=message, now=NOW)
        form = Form(html)
        (jwk,) = keys.published(now=NOW)["keys"]
        body = jwt.decode(
            form.jwt,
            jwt.PyJWK(jwk),
            algorithms=["RS256"],
            options={"verify_aud": False, "verify_exp": False, "verify_iat": False},
        )
        assert jwt.get_unverified_header(form.jwt)["kid"] == jwk["kid"]
        return body, form

    return answer


def test_the_answer_says_all_that_lmss_ask_for(respond, platform):
    """DL-11."""
    body, form = respond(ITEM)
    assert form.action == "https://lms.example/return"
    nonce = body.pop("nonce")
    assert len(nonce) * 6 >= 128
    assert body == {
        "iss": "client",
        "sub": "client",
        "azp": "client",
        "aud": platform.url,
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 300,
        LTI + "message_type": "LtiDeepLinkingResponse",
        LTI + "version": "1.3.0",
        LTI + "deployment_id": "1",
        DL + "content_items": [
            {
                "type": "ltiResourceLink",
                "url": "https://byte.example/lti/launch/",
                "title": "IT Project Manager",
                "custom": {"byte": "it-project-manager"},
            }
        ],
    }


@pytest.mark.parametrize("data", ["", "opaque", "\"quoted\" 'é' <b> 🔑", {"an": ["object"]}])
def test_data_goes_back_to_the_letter(respond, data):
    body, _ = respond(ITEM, data=data)
    assert body[DL + "data"] == data


def test_data_that_never_came_is_not_sent(respond):
    assert DL + "data" not in respond(ITEM)[0]


def test_nothing_chosen_is_an_answer_too(respond):
    body, _ = respond(message="Nothing was chosen")
    assert (body[DL + "content_items"], body[DL + "msg"]) == ([], "Nothing was chosen")


def test_the_form_is_safe_whatever_the_lms_and_the_title_say(respond):
    evil = 'https://lms.example/"><script>alert(1)</script>'
    _, form = respond(Item(url="https://byte.example/", title="</form><script>"), deep_link_return_url=evil)
    assert form.action == evil
    assert [tag for tag, _ in form.tags] == ["form", "input", "button"]


def test_the_form_can_be_sent_without_javascript_and_holds_no_script(respond):
    _, form = respond(ITEM)
    assert form.tags[0][1] == {"id": "lti-deep-link", "method": "post", "action": "https://lms.example/return"}
    assert form.tags[-1] == ("button", {"type": "submit"})


def test_an_item_tells_all_it_knows_and_no_more():
    east = timezone(timedelta(hours=2))
    full = Item(
        url="https://byte.example/",
        title="Title",
        text="Text",
        icon={"url": "https://byte.example/i.png", "width": 32, "height": 32},
        thumbnail={"url": "https://byte.example/t.png"},
        window={"targetName": "_blank"},
        iframe={"width": 800, "height": 600},
        score_maximum=Decimal(10),
        resource_id="byte",
        tag="grade",
        is_grade_released=False,
        available_from=datetime(2026, 1, 1, 12, tzinfo=east),
        submission_until=datetime(2026, 2, 1, 12, 30, tzinfo=UTC),
    )
    assert content_item(full) == {
        "type": "ltiResourceLink",
        "url": "https://byte.example/",
        "title": "Title",
        "text": "Text",
        "icon": {"url": "https://byte.example/i.png", "width": 32, "height": 32},
        "thumbnail": {"url": "https://byte.example/t.png"},
        "window": {"targetName": "_blank"},
        "iframe": {"width": 800, "height": 600},
        "lineItem": {
            "scoreMaximum": 10,
            "label": "Title",
            "resourceId": "byte",
            "tag": "grade",
            "gradesReleased": False,
        },
        "available": {"startDateTime": "2026-01-01T10:00:00Z"},
        "submission": {"endDateTime": "2026-02-01T12:30:00Z"},
    }
    assert "null" not in json.dumps(content_item(ITEM))
    assert content_item(Item(url="u", title="t", score_maximum=Decimal("2.5")))["lineItem"]["scoreMaximum"] == 2.5


@pytest.mark.parametrize(
    ("said", "takes"), [(None, True), (True, True), ("true", True), (False, False), ("false", False)]
)
def test_a_grade_column_is_wished_for_unless_the_lms_takes_none(respond, said, takes):
    settings = {} if said is None else {"accept_lineitem": said}
    item = Item(url="u", title="t", score_maximum=Decimal(10))
    (sent,) = respond(item, **settings)[0][DL + "content_items"]
    assert ("lineItem" in sent) == takes


@pytest.mark.parametrize("said", [None, False, "false", "no"])
def test_several_items_go_only_to_an_lms_that_takes_several(respond, said):
    with pytest.raises(deep_linking.MultipleNotAccepted):
        respond(ITEM, ITEM, accept_multiple=said)
    assert len(respond(ITEM, ITEM, accept_multiple=True)[0][DL + "content_items"]) == 2
    assert len(respond(ITEM, ITEM, accept_multiple="true")[0][DL + "content_items"]) == 2


def test_two_answers_never_share_a_nonce(respond):
    assert respond(ITEM)[0]["nonce"] != respond(ITEM)[0]["nonce"]


@pytest.mark.parametrize(
    ("value", "expected"), [(True, True), ("True", True), (1, False), ("yes", False), (None, False)]
)
def test_booleans_may_be_words(value, expected):
    assert is_true(value) is expected
