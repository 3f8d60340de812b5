from django.urls import include, path

from itpm_byte.player.views import answering, grading, reading, receipts, reviewing, site, speaking

app_name = "player"

byte_urls = [
    path("", reading.byte, name="page"),
    path("seen/", reading.seen, name="seen"),
    path("answer/", answering.answer, name="answer"),
    path("feedback/", speaking.feedback, name="feedback"),
    path("unclear/", speaking.unclear, name="unclear"),
    path("support/", speaking.ask_for_help, name="support"),
    path("grade/", grading.grade, name="grade"),
    path("resend/", grading.resend, name="resend"),
    path("receipt/", receipts.receipt, name="receipt"),
    path("attempts/<int:learner_id>/", reviewing.attempts, name="attempts"),
]
urlpatterns = [
    path("l/<uuid:launch_id>/", include(byte_urls)),
    path("", site.landing, name="landing"),
    path("r/", receipts.check, name="check"),
    path("r/<str:code>/", receipts.look, name="check-receipt"),
]
