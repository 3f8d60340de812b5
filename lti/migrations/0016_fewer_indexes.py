import django.db.models.deletion
from django.db import migrations, models

from lti.stamps import kept_by_database, kept_on_the_way_back

STAMPED = (
    ('lti_membership', 'role', 'status', 'is_test_user'),
    ('lti_platformuser', 'name', 'email', 'locale', 'is_anonymous'),
    (
        'lti_score', 'score_given', 'score_maximum', 'activity_progress', 'grading_progress', 'state', 'timestamp',
        'sent_at', 'sent_given', 'observed', 'last_error',
    ),
)


class Migration(migrations.Migration):

    dependencies = [
        ('lti', '0015_scores_name_the_request'),
    ]

    operations = [
        *(kept_on_the_way_back(*stamped) for stamped in STAMPED),
        migrations.AlterField(
            model_name='launch',
            name='membership',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='launches', to='lti.membership'),
        ),
        migrations.AlterField(
            model_name='launch',
            name='resource_link',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='launches', to='lti.resourcelink'),
        ),
        migrations.AlterField(
            model_name='login',
            name='registration',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='logins', to='lti.registration'),
        ),
        migrations.AlterField(
            model_name='membership',
            name='context',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='lti.context'),
        ),
        migrations.AlterField(
            model_name='platformuser',
            name='registration',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='platform_users', to='lti.registration'),
        ),
        migrations.AlterField(
            model_name='score',
            name='line_item',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='scores', to='lti.lineitem'),
        ),
        # SQLite has just made these tables anew.
        *(kept_by_database(*stamped) for stamped in STAMPED),
    ]
