"""What of a credit memo is used by documents that are not here."""

import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0023_terms_by_month_and_parents"),
        ("tenants", "0005_what_the_operator_decides"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="creditmemo",
            name="credit_memo_not_overused",
        ),
        migrations.RemoveConstraint(
            model_name="creditmemo",
            name="credit_memo_void_unused",
        ),
        migrations.AddField(
            model_name="creditmemo",
            name="elsewhere_minor",
            field=models.BigIntegerField(
                default=0, help_text="used elsewhere, by what is not here"
            ),
        ),
        migrations.AddConstraint(
            model_name="creditmemo",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("applied_minor__gte", 0),
                    (
                        "applied_minor__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("total_minor"), "-", models.F("elsewhere_minor")
                        ),
                    ),
                    ("elsewhere_minor__gte", 0),
                ),
                name="credit_memo_not_overused",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditmemo",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("voided_at", None),
                    models.Q(("applied_minor", 0), ("elsewhere_minor", 0)),
                    _connector="OR",
                ),
                name="credit_memo_void_unused",
            ),
        ),
    ]
