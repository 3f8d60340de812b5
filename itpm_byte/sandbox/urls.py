"""Addresses of the pretend LMS. The names of the LTI endpoints are what faults and log entries go by."""

from pathlib import Path

from django.urls import path
from django.views.static import serve

from itpm_byte.sandbox import (
    control,
    copying_page,
    faults_page,
    gradebook,
    gradebook_service,
    groups_service,
    notices,
    oidc,
    pages,
    registration,
    registration_page,
    review,
    roster_service,
    selection_page,
    storage_page,
    tokens,
)

STATIC = Path(__file__).parent / "static"

BLACKBOARD = "learn/api/v1/lti/courses/<str:course_id>/lineItems/"
BRIGHTSPACE = "d2l/api/lti/ags/2.0/deployment/<str:deployment_id>/orgunit/<str:course_id>/"

urlpatterns = [
    path("", pages.entrance, name="entrance"),
    path("enter/", pages.enter, name="enter"),
    path("leave/", pages.leave, name="leave"),
    path("manner/", pages.choose_manner, name="choose-manner"),
    path("courses/<str:key>/", pages.course, name="course"),
    path("courses/<str:key>/return/", pages.back, name="return"),
    path("courses/<str:key>/activities/<int:activity>/", pages.activity, name="activity"),
    path("courses/<str:key>/activities/<int:activity>/launch/", pages.launch, name="launch"),
    path("courses/<str:key>/add/", selection_page.add, name="add-activity"),
    path("courses/<str:key>/add/select/", selection_page.select, name="select-content"),
    path("courses/<str:key>/add/return/", selection_page.returned, name="selection-return"),
    path("courses/<str:key>/grades/", gradebook.gradebook, name="gradebook"),
    path("courses/<str:key>/copy/", copying_page.copy, name="copy-course"),
    path("courses/<str:key>/grades/<int:item>/<str:learner>/", review.page, name="review"),
    path("courses/<str:key>/grades/<int:item>/<str:learner>/launch/", review.launch, name="review-launch"),
    path("courses/<str:key>/grades.json", gradebook.gradebook_rows, name="gradebook-rows"),
    path("courses/<str:key>/grades/change/", gradebook.change_grade, name="change-grade"),
    path("faults/", faults_page.faults, name="faults"),
    path("tools/", registration_page.tools, name="tools"),
    path("tools/register/", registration_page.register, name="register-tool"),
    path("tools/activate/", registration_page.switch_on, name="activate-tool"),
    path("storage/", storage_page.storage, name="storage"),
    path("storage/frame/", storage_page.storage_frame, name="storage-frame"),
    path("static/<path:path>", serve, {"document_root": STATIC}, name="static"),
    # OpenID
    path("lti/jwks/", oidc.jwks, name="jwks"),
    path("lti/auth/", oidc.auth, name="auth"),
    path("lti/token/", tokens.token, name="token"),
    path("lti/openid-configuration/", registration.openid_configuration, name="openid-configuration"),
    path("lti/registrations/", registration.registrations, name="registrations"),
    path("lti/notice-handlers/", notices.handlers, name="notice-handlers"),
    path("lti/courses/<str:course_id>/groups/", groups_service.groups, name="groups"),
    path("lti/courses/<str:course_id>/group-sets/", groups_service.group_sets, name="group-sets"),
    # Services as Moodle names them
    path("services/<str:course_id>/lineitems", gradebook_service.lineitems, name="lineitems"),
    path("services/<str:course_id>/lineitems/<int:number>/lineitem", gradebook_service.lineitem, name="lineitem"),
    path("services/<str:course_id>/lineitems/<int:number>/lineitem/scores", gradebook_service.scores, name="scores"),
    path("services/<str:course_id>/lineitems/<int:number>/lineitem/results", gradebook_service.results, name="results"),
    path(
        "services/CourseSection/<str:course_id>/bindings/<str:deployment_id>/memberships",
        roster_service.roster,
        name="roster",
    ),
    # Services as Canvas names them
    path("api/lti/courses/<str:course_id>/line_items", gradebook_service.lineitems, name="lineitems"),
    path("api/lti/courses/<str:course_id>/line_items/<int:number>", gradebook_service.lineitem, name="lineitem"),
    path("api/lti/courses/<str:course_id>/line_items/<int:number>/scores", gradebook_service.scores, name="scores"),
    path("api/lti/courses/<str:course_id>/line_items/<int:number>/results", gradebook_service.results, name="results"),
    path("api/lti/courses/<str:course_id>/names_and_roles", roster_service.roster, name="roster"),
    # … as Blackboard
    path("learn/api/v1/lti/courses/<str:course_id>/lineItems", gradebook_service.lineitems, name="lineitems"),
    path(f"{BLACKBOARD}_<int:number>_1", gradebook_service.lineitem, name="lineitem"),
    path(f"{BLACKBOARD}_<int:number>_1/scores", gradebook_service.scores, name="scores"),
    path(f"{BLACKBOARD}_<int:number>_1/results", gradebook_service.results, name="results"),
    path("learn/api/v1/lti/external/namesandroles/<str:course_id>", roster_service.roster, name="roster"),
    # … as Brightspace
    path(f"{BRIGHTSPACE}lineitems", gradebook_service.lineitems, name="lineitems"),
    path(f"{BRIGHTSPACE}lineitems/<int:number>", gradebook_service.lineitem, name="lineitem"),
    path(f"{BRIGHTSPACE}lineitems/<int:number>/scores", gradebook_service.scores, name="scores"),
    path(f"{BRIGHTSPACE}lineitems/<int:number>/results", gradebook_service.results, name="results"),
    path(
        "d2l/api/lti/nrps/2.0/deployment/<str:deployment_id>/orgunit/<str:course_id>/memberships",
        roster_service.roster,
        name="roster",
    ),
    # … as Sakai
    path("imsblis/lti13/lineitems/<str:course_id>", gradebook_service.lineitems, name="lineitems"),
    path("imsblis/lti13/lineitems/<str:course_id>/<int:number>", gradebook_service.lineitem, name="lineitem"),
    path("imsblis/lti13/lineitems/<str:course_id>/<int:number>/scores", gradebook_service.scores, name="scores"),
    path("imsblis/lti13/lineitems/<str:course_id>/<int:number>/results", gradebook_service.results, name="results"),
    path("imsblis/lti13/namesandroles/<str:course_id>", roster_service.roster, name="roster"),
    # … as Open edX
    path("api/lti_consumer/v1/lti/<str:course_id>/lti-ags", gradebook_service.lineitems, name="lineitems"),
    path("api/lti_consumer/v1/lti/<str:course_id>/lti-ags/<int:number>", gradebook_service.lineitem, name="lineitem"),
    path(
        "api/lti_consumer/v1/lti/<str:course_id>/lti-ags/<int:number>/scores", gradebook_service.scores, name="scores"
    ),
    path(
        "api/lti_consumer/v1/lti/<str:course_id>/lti-ags/<int:number>/results",
        gradebook_service.results,
        name="results",
    ),
    path("api/lti_consumer/v1/lti/<str:course_id>/memberships", roster_service.roster, name="roster"),
    # For tests
    path("control/addresses", control.addresses),
    path("control/reset", control.reset),
    path("control/play", control.play),
    path("control/connect", control.connect),
    path("control/store", control.store),
    path("control/change", control.change),
    path("control/remove", control.remove),
    path("control/storage", control.storage),
    path("control/sit", control.sit),
    path("control/faults", control.faults),
    path("control/held", control.held),
    path("control/log", control.log),
    path("control/clock", control.clock),
    path("control/forget-tokens", control.forget_tokens),
    path("control/rotate-keys", control.rotate_keys),
    path("control/begin", control.begin),
    path("control/begin-selection", control.begin_selection),
    path("control/bend", control.bend),
    path("control/claims", control.claims),
    path("control/sign", control.sign),
]

handler404 = "itpm_byte.sandbox.pages.not_found"
