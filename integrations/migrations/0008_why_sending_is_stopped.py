from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("integrations", "0007_what_people_are_told")]

    operations = [
        migrations.AddField(
            model_name="connection",
            name="stopped_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="connection",
            name="stopped_for",
            field=models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
    ]
