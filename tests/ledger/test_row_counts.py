"""The query of the runbooks that counts rows, asked of a real PostgreSQL: exact, of every table, whatever it is called."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine, text

from cloudmigrate.domain.runbooks.integrity_queries import POSTGRES

AWKWARD = 'a "quoted" table; 100%'


@pytest.fixture
def connection(postgres: str) -> Iterator[Connection]:
    engine = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with engine.connect() as found:
        found.execute(text("create schema counted"))
        found.execute(text("create table counted.orders as select * from generate_series(1, 1234)"))
        found.execute(text(f'create table counted."{AWKWARD.replace(chr(34), chr(34) * 2)}" (id int)'))
        try:
            yield found
        finally:
            found.exec_driver_sql("rollback")
            found.execute(text("drop schema counted cascade"))
    engine.dispose()


def test_rows_of_every_table_are_counted(connection: Connection) -> None:
    begin, _, rest = POSTGRES.partition(";\n")
    query, gexec, end = rest.partition("\n\\gexec\n")
    assert (gexec, end) == ("\n\\gexec\n", "commit;")
    connection.exec_driver_sql(begin)
    written = connection.exec_driver_sql(query.replace("%", "%%")).scalar_one()
    rows = connection.exec_driver_sql(written.replace("%", "%%")).all()
    connection.exec_driver_sql("commit")
    assert [tuple(row) for row in rows if row.schema_name == "counted"] == [("counted", AWKWARD, 0), ("counted", "orders", 1234)]
