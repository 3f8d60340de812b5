"""Behind a load balancer each request may meet another process: what one began the other goes on with (CORE-20)."""

import threading

import requests

from itpm_byte.sandbox.server import SandboxServer
from tests.live import LiveTool
from tests.visitor import Visitor


def at(url: str, other: str) -> str:
    """The same path at another server."""
    return other + "/" + url.split("/", 3)[3]


def test_login_at_one_launch_at_the_other_and_a_replay_nowhere(tool: LiveTool, lms: SandboxServer):
    with tool.another_web() as other:
        lin = Visitor()
        form = lms.launch(lin.session, "lin", "careers")
        here, form.url = form.url, at(form.url, other)

        page = lin.read(form.post())
        assert "You are Lin Tran" in page.text
        assert page.url.startswith(other)
        # The session that the second process opened is one for the first, too.
        assert "You are Lin Tran" in lin.open(at(page.url, tool.url)).text

        answered = lin.submit(page.form("/answer/"), choice="samantha")
        assert "Your answer is saved." in answered.text

        for url in (here, form.url):
            form.url = url
            replayed = lin.read(form.post())
            assert (replayed.status, "already opened once" in replayed.text) == (401, True)
    assert lms.journal.refusals == []


def test_the_same_launch_at_both_in_the_same_moment_opens_once(tool: LiveTool, lms: SandboxServer):
    with tool.another_web() as other:
        form = lms.launch(Visitor().session, "kai", "careers")
        cookies = dict(form.session.cookies.items())
        barrier, statuses = threading.Barrier(6), []

        def post(url: str) -> None:
            barrier.wait()
            answer = requests.post(url, data=form.fields, cookies=cookies, allow_redirects=False, timeout=30)
            statuses.append(answer.status_code)

        threads = [threading.Thread(target=post, args=(url,)) for url in [form.url, at(form.url, other)] * 3]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(statuses) == [303, 401, 401, 401, 401, 401]
    assert tool.python("from lti.models import Launch; print(Launch.objects.count())") == "1"
