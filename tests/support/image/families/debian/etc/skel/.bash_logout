if [ "$SHLVL" = 1 ] && [ -x /usr/bin/clear_console ]; then
  /usr/bin/clear_console -q
fi
