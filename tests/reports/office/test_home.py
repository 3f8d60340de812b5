"""Where staff arrive: every page that they may use is named there, and no other."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from itpm_byte.reports.office.home import PAGES
from tests.player.seats import text_of

pytestmark = pytest.mark.django_db


def at_home(account: User) -> tuple[Client, str]:
    client = Client()
    client.force_login(account)
    return client, client.get("/staff/").content.decode()


def links_in(html: str) -> set[str]:
    return {name for _, name, *_ in PAGES if f'<a href="{reverse(name)}">' in html.partition("<h1>")[2]}


def test_who_runs_the_service_gets_to_every_page():
    client, html = at_home(User.objects.create_superuser("sue"))

    assert links_in(html) == {name for _, name, *_ in PAGES}
    assert [client.get(reverse(name)).status_code for _, name, *_ in PAGES] == [200] * len(PAGES)


def test_other_staff_see_what_they_may_use():
    ines = User.objects.create_user("ines", is_staff=True)
    ines.user_permissions.add(Permission.objects.get(codename="view_apitoken"))
    client, html = at_home(ines)

    assert links_in(html) == {"office:completion", "office:views", "office:security", "api-staff:tokens"}
    assert "API tokens" in text_of(client.get(reverse("office:completion")))
