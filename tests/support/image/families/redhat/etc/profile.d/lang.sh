# The machine's language, unless there is one; an LC_ALL that says what LANG says is taken out.
wanted=$LANG
if [ -f /etc/locale.conf ]; then
  . /etc/locale.conf
fi
if [ -n "$wanted" ]; then
  LANG=$wanted
fi
unset wanted
if [ -n "$LC_ALL" ]; then
  if [ "$LC_ALL" != "$LANG" ] && [ -n "$LANG" ]; then
    export LC_ALL
  else
    unset LC_ALL
  fi
fi
[ -z "$LANG" ] || export LANG
