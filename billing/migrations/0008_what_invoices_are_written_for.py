from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0007_locations"),
    ]

    operations = [
        migrations.AddField(
            model_name="invoice",
            name="source",
            field=models.CharField(
                choices=[
                    ("work", "Work and free lines"),
                    ("order", "Order"),
                    ("quick_sale", "Quick sale"),
                    ("work_order", "Internal work order"),
                    ("service_order", "Service order"),
                ],
                default="work",
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("source__in", ["work", "order", "quick_sale", "work_order", "service_order"])
                ),
                name="invoice_source_known",
            ),
        ),
    ]
