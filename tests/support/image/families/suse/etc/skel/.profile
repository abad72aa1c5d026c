test -z "$PROFILEREAD" && . /etc/profile || true
