alias rm='rm -i'
if [ -f /etc/bashrc ]; then
  . /etc/bashrc
fi
