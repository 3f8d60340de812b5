import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lti", "0005_registration_links")]

    operations = [
        migrations.CreateModel(
            name="DeepLinkingRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("settings_encrypted", models.TextField(editable=False)),
                ("return_origin", models.CharField(max_length=300)),
                (
                    "answer_encrypted",
                    models.TextField(
                        blank=True, editable=False, help_text="The form that carries the signed answer."
                    ),
                ),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "launch",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="deep_linking", to="lti.launch"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("answer_encrypted", ""), ("answered_at__isnull", True))
                        | models.Q(("answered_at__isnull", False))
                        & models.Q(("answer_encrypted", ""), _negated=True),
                        name="lti_deeplinkingrequest_answered_with_answer",
                    )
                ],
            },
        ),
    ]
