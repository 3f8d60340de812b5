"""Below /staff/: the pages of the people who run the service."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from itpm_byte.reports.office import audit, completion, door, home, inbox, privacy, security, views

app_name = "office"
REPORT = "reports/completion/"
urlpatterns = [
    path("", home.home, name="home"),
    path("login/", door.StaffLogin.as_view(), name="login"),
    path("login/code/", door.code, name="code"),
    path("logout/", LogoutView.as_view(next_page="office:login"), name="logout"),
    path("password/", security.ChangePassword.as_view(), name="password"),
    path("security/", security.security, name="security"),
    path("security/codes/", security.codes, name="codes"),
    path("security/off/", security.off, name="second-step-off"),
    path(REPORT, completion.report, name="completion"),
    path(REPORT + "learners/", completion.learners, name="learners"),
    path(REPORT + "rows.csv", completion.as_csv, name="completion-csv"),
    path(REPORT + "rows.xlsx", completion.as_xlsx, name="completion-xlsx"),
    path("reports/views/", views.all_views, name="views"),
    path("reports/views/<uuid:uuid>/", views.open_view, name="view"),
    path("reports/views/<uuid:uuid>/settings/", views.view_settings, name="view-settings"),
    path("reports/views/<uuid:uuid>/subscribe/", views.subscribe, name="subscribe"),
    path("reports/views/<uuid:uuid>/delete/", views.delete, name="delete-view"),
    path("reports/unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path(REPORT + "<int:placement>/<int:learner>/", completion.attempts, name="attempts"),
]
urlpatterns += [
    path("audit/", audit.log, name="audit"),
    path("audit/rows.csv", audit.as_csv, name="audit-csv"),
    path("inbox/", inbox.requests, name="inbox"),
    path("inbox/<int:request_id>/", inbox.settle, name="inbox-settle"),
    path("privacy/", privacy.find, name="people"),
    path("privacy/people/<int:person_id>/", privacy.person, name="person"),
    path("privacy/people/<int:person_id>/everything/", privacy.take_out, name="person-export"),
    path("privacy/people/<int:person_id>/erase/", privacy.erase, name="person-erase"),
    path("privacy/retention/", privacy.rules, name="retention"),
    path("privacy/retention/<int:institution_id>/", privacy.rule, name="retention-rule"),
]
