# Xandikos, which has no log-in.
exec xandikos -d "$DATA" -l 127.0.0.1 -p "$PORT" --current-user-principal "/$NAME/" --autocreate
