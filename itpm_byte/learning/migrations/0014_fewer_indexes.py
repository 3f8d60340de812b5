import django.db.models.deletion
from django.db import migrations, models

from lti.stamps import kept_by_database, kept_on_the_way_back


class Migration(migrations.Migration):

    dependencies = [
        ('content', '0001_bytes_questions_pictures'),
        ('learning', '0013_progress_that_nobody_began'),
    ]

    operations = [
        kept_on_the_way_back('learning_attempt'),
        kept_on_the_way_back('learning_progress'),
        migrations.AlterField(
            model_name='attempt',
            name='marked_with',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='content.byte'),
        ),
        migrations.AlterField(
            model_name='attempt',
            name='placement',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='attempts', to='learning.placement'),
        ),
        migrations.AlterField(
            model_name='progress',
            name='placement',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='progress', to='learning.placement'),
        ),
        migrations.AlterField(
            model_name='response',
            name='attempt',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='responses', to='learning.attempt'),
        ),
        # SQLite has just made these tables anew.
        kept_by_database('learning_attempt'),
        kept_by_database('learning_progress'),
    ]
