from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0001_squashed_0025_prices_of_agreements"),
        ("tenants", "0005_what_the_operator_decides"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(
                condition=models.Q(("outside_minor__gt", 0)),
                fields=["organization"],
                name="payment_taken_outside",
            ),
        ),
    ]
