"""Below /staff/lms/; names live in the namespace of the gate ("lti:platforms")."""

from django.urls import path

from lti.staff import connecting, keys_page, pages

urlpatterns = [
    path("", pages.overview, name="platforms"),
    path("keys/", keys_page.signing_keys, name="keys"),
    path("link/", connecting.make_link, name="make-link"),
    path("link/<int:link>/withdraw/", pages.withdraw_link, name="withdraw-link"),
    path("by-hand/", connecting.choose_preset, name="choose-preset"),
    path("by-hand/<uuid:registration_uuid>/", connecting.by_hand, name="by-hand"),
    path("<uuid:registration_uuid>/", pages.registration, name="platform"),
    path("<uuid:registration_uuid>/decide/", pages.decide, name="decide-platform"),
    path("<uuid:registration_uuid>/policy/", pages.policy, name="deployment-policy"),
    path("<uuid:registration_uuid>/deployments/", pages.add_deployment, name="add-deployment"),
    path("<uuid:registration_uuid>/deployments/<int:deployment>/", pages.decide_deployment, name="decide-deployment"),
]
