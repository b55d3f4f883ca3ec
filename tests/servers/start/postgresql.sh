# Start a PostgreSQL of its own in $DATA; sourced. On the loopback for those who need that.
bin=$(echo /usr/lib/postgresql/*/bin)
install -d -o postgres "$DATA/pg"
chown postgres "$DATA"
as_postgres() { setpriv --reuid postgres --regid postgres --init-groups env HOME="$DATA" "$@"; }
as_postgres "$bin/initdb" -A trust -E UTF8 --locale C.UTF-8 -D "$DATA/pg" > "$DATA/initdb.log"
as_postgres "$bin/pg_ctl" -w -D "$DATA/pg" -l "$DATA/pg.log" -o "-c fsync=off \
    -c port=$THIRD -c listen_addresses=127.0.0.1 -c unix_socket_directories='$DATA'" start \
    > "$DATA/pg_ctl.log"
export PGHOST="$DATA" PGPORT="$THIRD" PGUSER=postgres
