from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("integrations", "0023_what_a_question_has_seen")]

    operations = [
        migrations.AddField(
            model_name="connection",
            name="company_read_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="connection",
            name="company_asked_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="syncjob",
            name="posted_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="syncjob",
            name="instead_of",
            field=models.DateField(null=True),
        ),
    ]
