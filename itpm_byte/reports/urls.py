from django.urls import include, path

from itpm_byte.reports.room import changes, files, grades, learner, many, overview, questions, voices

app_name = "reports"

# In the LMS's frame, below a launch.
room_urls = [
    path("learners/<int:learner_id>/", learner.learner, name="learner"),
    path("learners/<int:learner_id>/arrange/", learner.arrange, name="learner-arrange"),
    path("learners/<int:learner_id>/resend/", learner.resend, name="learner-resend"),
    path("arrange/", many.arrange_many, name="arrange"),
    path("", overview.overview, name="overview"),
    path("refresh/", overview.refresh, name="refresh"),
    path("grades/", grades.grades, name="grades"),
    path("grades/resend/", grades.resend, name="grades-resend"),
    path("grades/overwrite/", grades.overwrite, name="grades-overwrite"),
    path("grades/rule/", grades.rule, name="grades-rule"),
    path("grades/changes.csv", changes.download, name="grade-changes"),
    path("grades/compare/", grades.compare, name="grades-compare"),
    path("questions/", questions.page, name="questions"),
    path("feedback/", voices.page, name="voices"),
    path("feedback/settle/", voices.settle, name="voices-settle"),
    path("files/<slug:table>.<slug:kind>", files.download, name="file"),
]
urlpatterns = [path("l/<uuid:launch_id>/room/", include(room_urls))]
