from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0005_customers_that_vanish"),
        ("tenants", "0002_submission"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="apicall", name="calls_by_time"),
        migrations.AddField(
            model_name="apicall",
            name="lane",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Case(
                    models.When(request_id="", then=models.Value("read")),
                    models.When(path__endswith="/batch", then=models.Value("batch")),
                    default=models.Value("single"),
                ),
                output_field=models.CharField(
                    choices=[
                        ("single", "One by one"),
                        ("batch", "Batch"),
                        ("read", "Reading"),
                    ],
                    max_length=6,
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="apicall",
            index=models.Index(fields=["organization", "started_at"], name="calls_by_moment"),
        ),
    ]
