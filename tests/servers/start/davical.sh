# DAViCal behind Apache, at the root and with the well-known address led to it, as its wiki says.
. "$START/postgresql.sh"
sh /usr/share/davical/dba/create-database.sh davical secret > "$DATA/create.log" 2>&1
psql -q -v ON_ERROR_STOP=1 davical <<SQL
INSERT INTO usr (username, password, fullname, email, active)
    VALUES ('$NAME', '**$PASSWORD', 'Ada Example', '$NAME@example.com', true);
INSERT INTO principal (type_id, user_no, displayname, default_privileges)
    SELECT 1, user_no, fullname, 0::BIT(24) FROM usr WHERE username = '$NAME';
SQL
cat > /etc/davical/config.php <<PHP
<?php
\$c->pg_connect[] = "dbname=davical user=davical_app host=$DATA port=$PGPORT";
\$c->admin_email = 'admin@example.com';
PHP
ln -s /usr/share/davical/htdocs "$DATA/htdocs"
APACHE="Redirect 301 /.well-known/caldav /caldav.php"
. "$START/apache.sh"
