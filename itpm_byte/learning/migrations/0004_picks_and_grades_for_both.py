import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("learning", "0003_explain_right_after_each_answer"),
        ("lti", "0004_rosters_groups_and_notices"),
    ]

    operations = [
        migrations.CreateModel(
            name="Pick",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("byte_slug", models.SlugField(max_length=80)),
                ("language", models.CharField(max_length=35)),
                ("title", models.CharField(max_length=200)),
                ("score_maximum", models.DecimalField(decimal_places=4, max_digits=10)),
                ("settings", models.JSONField(help_text="Fields of a placement by name.")),
                ("created_at", models.DateTimeField()),
                (
                    "deployment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="picks", to="lti.deployment"
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="picks",
                        to="lti.platformuser",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("score_maximum__gt", 0)), name="learning_pick_maximum_positive"
                    )
                ],
            },
        ),
        migrations.RemoveConstraint(model_name="placement", name="learning_placement_grade_on_known"),
        migrations.AlterField(
            model_name="placement",
            name="grade_on",
            field=models.CharField(
                choices=[("quiz", "quiz points"), ("completion", "completion"), ("both", "both, half each")],
                default="quiz",
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(("grade_on__in", ["quiz", "completion", "both"])),
                name="learning_placement_grade_on_known",
            ),
        ),
    ]
