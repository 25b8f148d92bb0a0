from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0015_agreements")]

    operations = [
        migrations.AddField(
            model_name="invoice",
            name="approval",
            field=models.CharField(
                blank=True,
                choices=[("", "Not asked"), ("held", "On hold"), ("approved", "Approved")],
                max_length=8,
            ),
        ),
    ]
