# SOGo with its users and data in PostgreSQL. It has no well-known address without a web server.
. "$START/postgresql.sh"
createdb sogo
psql -q -v ON_ERROR_STOP=1 sogo <<SQL
CREATE TABLE users (c_uid text PRIMARY KEY, c_name text, c_password text, c_cn text, mail text);
INSERT INTO users VALUES ('$NAME', '$NAME', '$PASSWORD', 'Ada Example', '$NAME@example.com');
SQL
memcached -u memcache -l 127.0.0.1 -p "$SECOND" -d
mkdir -p /run/sogo /var/log/sogo
chown sogo /run/sogo /var/log/sogo "$DATA"
cat > /etc/sogo/sogo.conf <<CONF
{
    WOPort = "127.0.0.1:$PORT";
    WOWorkersCount = 1;
    SOGoMemcachedHost = "127.0.0.1:$SECOND";
    SOGoProfileURL = "postgresql://postgres:x@127.0.0.1:$THIRD/sogo/sogo_user_profile";
    OCSFolderInfoURL = "postgresql://postgres:x@127.0.0.1:$THIRD/sogo/sogo_folder_info";
    OCSSessionsFolderURL = "postgresql://postgres:x@127.0.0.1:$THIRD/sogo/sogo_sessions";
    SOGoUserSources = ({
        type = sql;
        id = directory;
        viewURL = "postgresql://postgres:x@127.0.0.1:$THIRD/sogo/users";
        canAuthenticate = YES;
        isAddressBook = NO;
        userPasswordAlgorithm = none;
    });
    SOGoTimeZone = UTC;
    SOGoMailDomain = example.com;
    SOGoCalendarDAVAccessEnabled = YES;
}
CONF
exec setpriv --reuid sogo --regid sogo --init-groups env HOME=/var/lib/sogo \
    sogod -WONoDetach YES -WOLogFile "$DATA/sogo.log" -WOPidFile "$DATA/sogo.pid"
