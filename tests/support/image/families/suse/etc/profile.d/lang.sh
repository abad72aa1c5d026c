if test -z "$LANG" && test -s /etc/locale.conf; then
  . /etc/locale.conf
  export LANG
fi
