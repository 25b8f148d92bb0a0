from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("integrations", "0022_classes_and_locations")]

    operations = [
        migrations.AddField(
            model_name="discrepancy",
            name="seen",
            field=models.JSONField(default=dict),
        ),
    ]
