from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0012_kinds_of_lines"),
    ]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="currency",
            field=models.CharField(
                blank=True,
                help_text="ISO 4217 code; empty: the organization's",
                max_length=3,
                default="",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="invoice",
            name="exchange_rate",
            field=models.DecimalField(
                blank=True,
                decimal_places=8,
                help_text="of the organization's currency for one of its own; None until it is known",
                max_digits=15,
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="payment",
            name="exchange_rate",
            field=models.DecimalField(
                blank=True,
                decimal_places=8,
                help_text="of the organization's currency for one of its own; None until it is known",
                max_digits=15,
                null=True,
            ),
        ),
    ]
