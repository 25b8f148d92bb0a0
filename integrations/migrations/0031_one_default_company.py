from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0030_which_company_is_the_default"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="connection",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_default", True)),
                fields=("organization", "vendor"),
                name="one_default_company_per_vendor",
            ),
        ),
    ]
