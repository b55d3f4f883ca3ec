# Radicale, with a file of passwords.
echo "$NAME:$PASSWORD" > "$DATA/users"
exec radicale --config "" --hosts "127.0.0.1:$PORT" --logging-level error \
    --auth-type htpasswd --auth-htpasswd-filename "$DATA/users" --auth-htpasswd-encryption plain \
    --auth-delay 0 --storage-filesystem-folder "$DATA/collections"
