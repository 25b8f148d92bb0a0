from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0008_what_invoices_are_written_for")]

    operations = [
        migrations.AddField(
            model_name="numbersequence",
            name="suffix",
            field=models.CharField(blank=True, max_length=21),
        ),
    ]
