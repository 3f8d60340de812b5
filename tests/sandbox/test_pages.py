"""The pages of the LMS: everybody sees what is theirs, and that it is a sandbox."""

import re

import pytest


def visit(lms, browser, user, path):
    lms.enter(browser, user)
    return browser.get(lms.url + path, timeout=20)


def test_the_entrance_lets_everybody_in_by_a_button_of_their_name(moodle, browser):
    page = browser.get(moodle.url, timeout=20).text
    names = re.findall(r'<button class="card" name="person" value="(\w+)"', page)
    assert names == ["lin", "kai", "noor", "mei", "zoe", "max", "ada", "tom", "bea", "ines", "test"]
    assert "Enter as" in page
    assert "<bdi>Lin Tran</bdi>" in page


def test_every_page_says_that_it_is_a_sandbox(moodle, browser):
    for path in ("/", "/courses/careers/", "/courses/careers/activities/29/", "/courses/careers/grades/", "/faults/"):
        page = visit(moodle, browser, "lin", path).text
        assert "A pretend LMS to try ITPM Byte; nothing here is real." in page


def test_every_page_says_who_you_are(moodle, browser):
    page = visit(moodle, browser, "noor", "/courses/careers/").text
    assert '<bdi class="who">نور الحدّاد</bdi>' in page


def test_nobody_else_gets_in(moodle, browser):
    page = browser.get(moodle.url, timeout=20)
    fields = {"person": "eve", "csrfmiddlewaretoken": browser.cookies["sandbox_csrf"]}
    answer = browser.post(f"{moodle.url}/enter/", data=fields, headers={"Referer": page.url}, timeout=20)
    assert answer.status_code == 400
    assert "sandbox_session" not in browser.cookies


def test_the_session_cookie_is_lax_and_out_of_scripts_reach(moodle, browser):
    moodle.enter(browser, "lin")
    cookie = next(cookie for cookie in browser.cookies if cookie.name == "sandbox_session")
    assert cookie.get_nonstandard_attr("SameSite") == "Lax"
    assert cookie.has_nonstandard_attr("HttpOnly")


def test_a_made_up_session_is_nobody(moodle, browser):
    browser.cookies.set("sandbox_session", "lin:made-up", domain="localhost.local")
    answer = browser.get(f"{moodle.url}/courses/careers/", allow_redirects=False, timeout=20)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


def test_one_course_is_entered_at_once_and_two_can_be_chosen(moodle, browser):
    moodle.enter(browser, "kai")
    assert browser.get(moodle.url, timeout=20).text.count('href="/courses/') == 1
    moodle.enter(browser, "lin")
    page = browser.get(moodle.url, timeout=20).text
    assert re.findall(r'href="(/courses/\w+/)"', page) == ["/courses/careers/", "/courses/office/"]


@pytest.mark.parametrize(
    ("user", "course", "status"),
    [
        ("lin", "careers", 200),
        ("lin", "office", 200),
        ("max", "careers", 403),
        ("max", "office", 200),
        ("ada", "office", 403),
        ("ines", "office", 200),
        ("lin", "unknown", 403),
    ],
)
def test_a_course_is_for_those_who_belong_to_it(moodle, browser, user, course, status):
    assert visit(moodle, browser, user, f"/courses/{course}/").status_code == status
    assert visit(moodle, browser, user, f"/courses/{course}/grades/").status_code == status


def test_somebody_suspended_stays_out(moodle, browser):
    moodle.store.enrol("lin", "careers", is_active=False)
    assert visit(moodle, browser, "lin", "/courses/careers/").status_code == 403


@pytest.mark.parametrize(("user", "status"), [("lin", 403), ("ada", 200), ("tom", 200), ("ines", 200)])
def test_a_hidden_activity_is_for_teachers(moodle, browser, user, status):
    moodle.store.change_link("careers", is_hidden=True)
    assert visit(moodle, browser, user, "/courses/careers/activities/29/").status_code == status
    listed = "/activities/29/" in visit(moodle, browser, user, "/courses/careers/").text
    assert listed == (status == 200)


def test_an_activity_of_another_course_is_not_found_here(moodle, browser):
    assert visit(moodle, browser, "lin", "/courses/careers/activities/31/").status_code == 403


def test_the_byte_opens_in_a_frame_with_a_title(moodle, browser):
    page = visit(moodle, browser, "lin", "/courses/careers/activities/29/").text
    frame = re.search(r"<iframe[^>]*>", page)[0]
    assert 'title="IT Project Manager"' in frame
    assert 'src="/courses/careers/activities/29/launch/"' in frame
    assert "sandbox=" not in frame


def test_or_in_a_new_window(moodle, browser):
    page = visit(moodle, browser, "lin", "/courses/careers/activities/30/").text
    assert "<iframe" not in page
    assert re.search(r'href="/courses/careers/activities/30/launch/"\s+target="_blank"', page)


def test_the_launch_page_begins_a_login_that_works(moodle, tool, browser):
    from itpm_byte.sandbox.forms import first_form

    page = visit(moodle, browser, "lin", "/courses/careers/activities/29/launch/")
    form = first_form(browser, page)
    assert form.url == f"{tool.url}/lti/login/"
    assert form.fields["login_hint"] == "5"
    assert re.search(r"<noscript>\s*<button", page.text)
    assert sorted(first_form(browser, form.post()).fields) == ["id_token", "state"]


def test_log_out(moodle, browser):
    moodle.enter(browser, "lin")
    page = browser.get(moodle.url, timeout=20).text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    browser.post(f"{moodle.url}/leave/", data={"csrfmiddlewaretoken": token}, timeout=20)
    assert "sandbox_session" not in browser.cookies
    assert "Who would you like to be?" in browser.get(moodle.url, timeout=20).text


def test_a_form_without_its_token_is_refused_calmly(moodle, browser):
    answer = browser.post(f"{moodle.url}/enter/", data={"person": "lin"}, timeout=20)
    assert answer.status_code == 403
    assert "Please try again" in answer.text


def test_pages_allow_the_tool_in_a_frame_and_nothing_else_from_elsewhere(moodle, tool, browser):
    policy = browser.get(moodle.url, timeout=20).headers["Content-Security-Policy"]
    assert policy == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        f"frame-src 'self' {tool.url}; form-action 'self' {tool.url}; frame-ancestors 'self'; base-uri 'none'"
    )


def test_pages_hold_no_inline_script_or_style(moodle, browser):
    for path in ("/", "/courses/careers/activities/29/launch/", "/courses/careers/grades/", "/faults/"):
        page = visit(moodle, browser, "ada", path).text
        assert re.findall(r"<style|style=|\son\w+=|<script(?![^>]*\ssrc=)", page) == []


@pytest.mark.parametrize("path", ["/nowhere/", "/courses/careers", "/static/sandbox/nothing.css"])
def test_an_address_that_leads_nowhere_says_so(moodle, browser, path):
    answer = browser.get(moodle.url + path, timeout=20)
    assert answer.status_code == 404
    assert "Nothing here" in answer.text
