from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0027_item_for_adjustments"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="link",
            index=models.Index(
                condition=models.Q(("variance_minor", 0), _negated=True),
                fields=["organization", "connection"],
                name="links_that_vary",
            ),
        ),
    ]
