"""How often each notice was new to everybody."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("integrations", "0053_parts_of_unknown")]

    operations = [
        migrations.AddField(
            model_name="notification",
            name="rung",
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
    ]
