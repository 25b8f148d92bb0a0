from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0003_incarnations_belong_to_sync"),
    ]

    operations = [
        migrations.AddField(
            model_name="ledgeraccount",
            name="is_default",
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name="ledgeraccount",
            constraint=models.UniqueConstraint(
                fields=["organization"],
                condition=models.Q(is_default=True),
                name="one_default_ledger_account",
            ),
        ),
    ]
