# Cyrus: passwords in a file. The first sign-in by IMAP makes a mailbox, without which no calendar is.
chown cyrus "$DATA"
cat > "$DATA/imapd.conf" <<CONF
configdirectory: $DATA/conf
defaultpartition: default
partition-default: $DATA/mail
proc_path: $DATA/proc
mboxname_lockpath: $DATA/lock
httpmodules: caldav
httpallowcompress: yes
autocreate_quota: 0
caldav_create_default: no
calendar_component_set: VEVENT VTODO
virtdomains: off
allowplaintext: yes
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: $DATA/sasldb
sasl_mech_list: PLAIN DIGEST-MD5
servername: 127.0.0.1
idlesocket: $DATA/idle
notifysocket: $DATA/notify
syslog_prefix: oo
CONF
cat > "$DATA/cyrus.conf" <<CONF
START {
    recover cmd="/usr/sbin/cyrus ctl_cyrusdb -C $DATA/imapd.conf -r"
}
SERVICES {
    imap cmd="imapd -C $DATA/imapd.conf" listen="127.0.0.1:$SECOND" prefork=1
    http cmd="httpd -C $DATA/imapd.conf" listen="127.0.0.1:$PORT" prefork=1
}
EVENTS {
}
CONF
mkdir "$DATA/conf" "$DATA/mail" "$DATA/proc" "$DATA/lock"
for each in db log msg proc ptclient quota socket sync user; do mkdir "$DATA/conf/$each"; done
chown -R cyrus "$DATA"
echo "$PASSWORD" | saslpasswd2 -p -c -f "$DATA/sasldb" -u 127.0.0.1 "$NAME"
chown cyrus "$DATA/sasldb"
cyrmaster -C "$DATA/imapd.conf" -M "$DATA/cyrus.conf" -p "$DATA/master.pid" &
for _ in 1 2 3 4 5 6 7 8 9 10; do
    python3 -c "import imaplib; imaplib.IMAP4('127.0.0.1', $SECOND).login('$NAME', '$PASSWORD')" \
        2> "$DATA/login.log" && break
    sleep 1
done
wait
