from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("integrations", "0031_one_default_company")]

    operations = [
        migrations.AddField(
            model_name="connection",
            name="paused_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="connection",
            name="pause_after_batch",
            field=models.BooleanField(default=False),
        ),
    ]
