"""Read-only SQL that counts every row of a database, by engine: run on the source once it takes no writes and on the target, and compared.

Counts are exact, so on large databases they take as long as a scan of everything; statistics of the engine would be quicker and wrong.
"""

from collections.abc import Mapping

# The query writes the statement that counts, and psql runs what it wrote. Source: PostgreSQL manual, psql, "\\gexec". As a user who may
# read all tables: one that may not be read ends it with an error, it is not left out.
POSTGRES = """\
begin transaction read only;
select
    string_agg(
        format('select %L as schema_name, %L as table_name, count(*) as row_count from %I.%I', nspname, relname, nspname, relname),
        ' union all ' order by nspname, relname
    )
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')
\\gexec
commit;"""

# MySQL counts by a statement that it writes itself. Source: MySQL manual, "PREPARE"; group_concat_max_len is of the session alone.
MYSQL = """\
set session transaction read only;
set session group_concat_max_len = 4294967295;
select coalesce(
    group_concat(
        concat(
            'select ', quote(table_schema), ' as schema_name, ', quote(table_name), ' as table_name, count(*) as row_count from `',
            replace(table_schema, '`', '``'), '`.`', replace(table_name, '`', '``'), '`'
        )
        order by table_schema, table_name
        separator ' union all '
    ),
    'select 0 as row_count'
)
into @counts
from information_schema.tables
where table_type = 'BASE TABLE' and table_schema not in ('mysql', 'sys', 'performance_schema', 'information_schema');
prepare counts from @counts;
execute counts;
deallocate prepare counts;"""

# Source: SQL Server documentation, sys.partitions: rows of heap (0) or clustered index (1); exact when nobody writes.
SQL_SERVER = """\
select s.name as schema_name, t.name as table_name, sum(p.rows) as row_count
from sys.tables as t
inner join sys.schemas as s on t.schema_id = s.schema_id
inner join sys.partitions as p on t.object_id = p.object_id and p.index_id in (0, 1)
group by s.name, t.name
order by s.name, t.name;"""

# Source: Oracle Database PL/SQL packages reference, DBMS_XMLGEN.GETXMLTYPE.
ORACLE = """\
select
    owner,
    table_name,
    to_number(
        extractvalue(dbms_xmlgen.getxmltype('select count(*) c from "' || owner || '"."' || table_name || '"'), '/ROWSET/ROW/C')
    ) as row_count
from all_tables
where owner not in (select username from all_users where oracle_maintained = 'Y') and owner <> 'RDSADMIN'
order by owner, table_name;"""

# The beginning of RDS's name of the engine -> the query.
BY_ENGINE: Mapping[str, str] = {
    "aurora-postgresql": POSTGRES,
    "postgres": POSTGRES,
    "aurora-mysql": MYSQL,
    "mysql": MYSQL,
    "mariadb": MYSQL,
    "sqlserver": SQL_SERVER,
    "oracle": ORACLE,
    "custom-oracle": ORACLE,
    "custom-sqlserver": SQL_SERVER,
}


def row_counts(engine: str) -> str | None:
    """The query for an engine of RDS; None where there is none."""
    return next((sql for name, sql in BY_ENGINE.items() if engine.startswith(name)), None)
