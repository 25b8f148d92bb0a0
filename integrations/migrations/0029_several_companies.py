from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0028_links_that_vary"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="connection", name="one_live_connection_per_vendor"),
        migrations.AddField(
            model_name="connection", name="is_default", field=models.BooleanField(default=False)
        ),
        migrations.AddField(
            model_name="oauthstate", name="beside", field=models.BooleanField(default=False)
        ),
        migrations.AddField(
            model_name="oauthstate", name="replaces", field=models.UUIDField(null=True)
        ),
    ]
