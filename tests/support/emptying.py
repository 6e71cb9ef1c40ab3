"""After a test that has really committed: the database as migrations have left it.

Django's own way, `flush`, takes away what they have made as well, and makes it anew: that takes longer than most
tests.
"""

from django.db import connection, transaction

MADE_BY_MIGRATIONS = {"django_content_type", "auth_permission", "auth_group", "auth_group_permissions"}


def empty_all_tables(case: object = None) -> None:
    tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False))
    statements = [f"DELETE FROM {connection.ops.quote_name(name)}" for name in sorted(tables - MADE_BY_MIGRATIONS)]
    with transaction.atomic(), connection.cursor() as cursor:  # references are looked at when it ends
        for statement in statements:
            cursor.execute(statement)
