import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0001_bytes_questions_pictures"),
        ("learning", "0004_picks_and_grades_for_both"),
        ("lti", "0001_platforms_courses_launches_grades"),
    ]

    operations = [
        migrations.CreateModel(
            name="UnclearQuestion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField(blank=True)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                (
                    "learner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="unclear_questions",
                        to="lti.platformuser",
                    ),
                ),
                (
                    "placement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="unclear_questions",
                        to="learning.placement",
                    ),
                ),
                (
                    "question",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="told_unclear", to="content.question"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("placement", "learner", "question"), name="learning_unclearquestion_one_per_question"
                    )
                ],
            },
        ),
    ]
