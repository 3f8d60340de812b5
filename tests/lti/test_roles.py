import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti.models import Role
from lti.roles import TEST_USER, is_mentor, is_test_user, role_of

CONTEXT = "http://purl.imsglobal.org/vocab/lis/v2/membership"
INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person#"

PRINCIPALS = {
    "Administrator": Role.ADMINISTRATOR,
    "ContentDeveloper": Role.CONTENT_DEVELOPER,
    "Instructor": Role.INSTRUCTOR,
    "Learner": Role.LEARNER,
    "Mentor": Role.MENTOR,
    "Manager": Role.NONE,
    "Member": Role.NONE,
    "Officer": Role.NONE,
}
ELSEWHERE = [
    *(
        INSTITUTION + name
        for name in ("Administrator", "Faculty", "Guest", "Staff", "Student", "Instructor", "Learner")
    ),
    *(SYSTEM + name for name in ("Administrator", "SysAdmin", "AccountAdmin", "Creator", "User", "None")),
    "http://purl.imsglobal.org/vocab/lis/v2/person#Administrator",
    "http://purl.imsglobal.org/vocab/lis/v2/person#Instructor",
    "urn:lti:sysrole:ims/lis/SysAdmin",
    "urn:lti:instrole:ims/lis/Administrator",
    "urn:lti:instrole:ims/lis/Instructor",
]
context_names = st.sampled_from(sorted(PRINCIPALS)).map(lambda name: f"{CONTEXT}#{name}")
elsewhere_names = st.sampled_from(ELSEWHERE)


@pytest.mark.parametrize(("name", "role"), PRINCIPALS.items())
@pytest.mark.parametrize("form", [CONTEXT + "#{}", "{}", "urn:lti:role:ims/lis/{}"])
def test_a_principal_role_means_the_same_in_each_of_its_forms(form, name, role):
    assert role_of([form.format(name)]) == role


@pytest.mark.parametrize("sub", ["Instructor", "GuestLearner", "NonCreditLearner", "Administrator"])
@pytest.mark.parametrize(
    "form", [CONTEXT + "/Learner#{}", "urn:lti:role:ims/lis/Learner/{}", "Learner#{}", "Learner/{}"]
)
def test_a_sub_role_of_the_learner_is_a_learner_whatever_it_is_called(form, sub):
    assert role_of([form.format(sub)]) == Role.LEARNER


@pytest.mark.parametrize(
    "name",
    [
        f"{CONTEXT}/Instructor#TeachingAssistant",
        f"{CONTEXT}/Instructor#TeachingAssistantSection",
        f"{CONTEXT}/Instructor#Grader",
        "urn:lti:role:ims/lis/Instructor/TeachingAssistant",
        "urn:lti:role:ims/lis/TeachingAssistant",
        "TeachingAssistant",
    ],
)
def test_an_assistant_is_one_with_or_without_the_principal_beside_it(name):
    assert role_of([name]) == Role.TEACHING_ASSISTANT
    assert role_of([name, f"{CONTEXT}#Instructor"]) == Role.TEACHING_ASSISTANT
    assert role_of([name, f"{CONTEXT}#Learner"]) == Role.TEACHING_ASSISTANT


def test_an_assistant_who_is_also_named_another_kind_of_instructor_is_an_instructor():
    names = [f"{CONTEXT}/Instructor#TeachingAssistant", f"{CONTEXT}/Instructor#PrimaryInstructor"]
    assert role_of(names) == Role.INSTRUCTOR


def is_no_context_role(text):
    return re.split("[#/]", text)[0] not in {*PRINCIPALS, "TeachingAssistant"}


@given(st.lists(elsewhere_names | st.text(max_size=80).filter(is_no_context_role)))
def test_what_somebody_is_in_the_institution_or_the_system_gives_nothing(names):
    assert role_of(names) == Role.NONE


@given(st.lists(context_names), st.lists(elsewhere_names))
def test_roles_elsewhere_change_nothing_about_the_role_in_the_course(here, elsewhere):
    assert role_of([*elsewhere, *here]) == role_of(here)


@given(st.lists(context_names | elsewhere_names | st.text(max_size=40)))
def test_neither_order_nor_repetition_matters(names):
    assert role_of(reversed(names)) == role_of(names) == role_of(names + names)


@given(st.lists(context_names, min_size=1))
def test_the_highest_role_in_the_course_counts(names):
    ranking = [*Role.values]
    held = [PRINCIPALS[name.partition("#")[2]] for name in names]
    assert role_of(names) == min(held, key=ranking.index)


@given(st.lists(context_names), context_names)
def test_a_further_role_never_takes_rights_away(names, further):
    ranking = [*Role.values]
    assert ranking.index(role_of([*names, further])) <= ranking.index(role_of(names))


@pytest.mark.parametrize(
    "name",
    [
        "learner",
        "INSTRUCTOR",
        " Instructor",
        "Instructor\n",
        f"{CONTEXT}#Instructor/extra",
        f"{CONTEXT}#",
        f"{CONTEXT}/#Instructor",
        "https://purl.imsglobal.org/vocab/lis/v2/membership#Instructor",
        "http://evil.example/http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor",
        "urn:lti:role:ims/lis/Instructor/A/B",
        "",
    ],
)
def test_what_is_not_written_as_the_specification_says_gives_nothing(name):
    assert role_of([name]) == Role.NONE


def test_no_role_is_no_role():
    assert role_of([]) == Role.NONE


def test_the_test_user_marker_comes_beside_a_role():
    names = [f"{CONTEXT}#Learner", TEST_USER]
    assert (role_of(names), is_test_user(names), is_test_user(names[:1])) == (Role.LEARNER, True, False)


def test_a_mentor_is_known_even_below_a_higher_role():
    assert is_mentor([f"{CONTEXT}#Instructor", f"{CONTEXT}#Mentor"])
    assert is_mentor([f"{CONTEXT}/Mentor#Advisor"])
    assert not is_mentor([INSTITUTION + "Mentor", f"{CONTEXT}#Learner"])
