# sabre/dav as its example of a calendar server is, with SQLite, Basic and scheduling, behind Apache.
examples=/usr/share/doc/php-sabre-dav/examples/sql
mkdir "$DATA/htdocs"
cat > "$DATA/make.php" <<PHP
<?php
\$pdo = new PDO('sqlite:$DATA/db.sqlite');
foreach (['calendars', 'principals'] as \$each) {
    \$found = glob("$examples/sqlite.{\$each}.sql*")[0];
    \$pdo->exec(file_get_contents(str_ends_with(\$found, '.gz') ? "compress.zlib://\$found" : \$found));
}
\$pdo->exec("INSERT INTO principals (uri, email, displayname)
    VALUES ('principals/$NAME', '$NAME@example.com', 'Ada Example')");
PHP
php "$DATA/make.php"
cat > "$DATA/htdocs/index.php" <<PHP
<?php
error_reporting(0); // it is older than this PHP
require_once 'Sabre/autoload.php';

class Passwords extends \Sabre\DAV\Auth\Backend\AbstractBasic {
    protected function validateUserPass(\$name, \$password) {
        return \$name === '$NAME' && \$password === '$PASSWORD';
    }
}

\$pdo = new PDO('sqlite:$DATA/db.sqlite');
\$principals = new \Sabre\DAVACL\PrincipalBackend\PDO(\$pdo);
\$server = new \Sabre\DAV\Server([
    new \Sabre\CalDAV\Principal\Collection(\$principals),
    new \Sabre\CalDAV\CalendarRootNode(\$principals, new \Sabre\CalDAV\Backend\PDO(\$pdo)),
]);
\$server->setBaseUri('/');
\$server->addPlugin(new \Sabre\DAV\Auth\Plugin(new Passwords(), 'SabreDAV'));
\$server->addPlugin(new \Sabre\DAVACL\Plugin());
\$server->addPlugin(new \Sabre\CalDAV\Plugin());
\$server->exec();
PHP
chown -R www-data "$DATA"
. "$START/apache.sh"
