from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0004_the_version_a_question_is_about"),
    ]

    operations = [
        migrations.AlterField(
            model_name="mapping",
            name="subject",
            field=models.CharField(
                choices=[
                    ("default_item", "Default service item"),
                    ("default_income_account", "Default income account"),
                    ("tax_region", "Tax region"),
                    ("untaxed", "Lines without tax"),
                    ("own_customer", "Customer that only shares a mailbox"),
                    ("merged_customer", "Customer of theirs that was merged into another"),
                    ("lost_customer", "Customer that has to be chosen anew"),
                ],
                max_length=30,
            ),
        ),
    ]
