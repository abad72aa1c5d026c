# A function that bash hands on in its environment.
if [ -n "${BASH_VERSION-}" ]; then
  which() {
    (alias; declare -f) | /usr/bin/which --tty-only --read-alias --read-functions --show-tilde --show-dot "$@"
  }
  export -f which
fi
