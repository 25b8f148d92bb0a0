from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0024_closed_books"),
    ]

    operations = [
        migrations.AddField(
            model_name="readbudget",
            name="day",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="readbudget",
            name="used_on_day",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="syncdue",
            name="look_asked",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="syncdue",
            name="reads_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="syncdue",
            name="reads_used",
            field=models.PositiveIntegerField(default=0),
        ),
    ]
