from django.db import migrations, models

from lti.stamps import kept_by_database, kept_on_the_way_back

STAMPED = (
    'lti_score', 'score_given', 'score_maximum', 'activity_progress', 'grading_progress', 'state', 'timestamp',
    'sent_at', 'sent_given', 'observed', 'last_error',
)


class Migration(migrations.Migration):

    dependencies = [
        ('lti', '0014_refused_notices_counted'),
    ]

    operations = [
        kept_on_the_way_back(*STAMPED),
        migrations.AddField(
            model_name='score',
            name='reference',
            field=models.CharField(blank=True, db_default='', default='', editable=False, max_length=9),
        ),
        kept_by_database(*STAMPED),
    ]
