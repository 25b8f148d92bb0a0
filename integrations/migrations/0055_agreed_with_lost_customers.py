from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0054_how_often_a_notice_rang"),
    ]

    operations = [
        migrations.AddField(
            model_name="mapping",
            name="agreed",
            field=models.JSONField(db_default={}, default=dict),
        ),
    ]
