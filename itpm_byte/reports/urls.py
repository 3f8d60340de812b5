from django.urls import include, path

from itpm_byte.reports.room import learner

app_name = "reports"

# In the LMS's frame, below a launch.
room_urls = [
    path("learners/<int:learner_id>/", learner.learner, name="learner"),
    path("learners/<int:learner_id>/arrange/", learner.arrange, name="learner-arrange"),
    path("learners/<int:learner_id>/resend/", learner.resend, name="learner-resend"),
]
urlpatterns = [path("l/<uuid:launch_id>/room/", include(room_urls))]
