[[ $- == *i* ]] || return
PS1='[\u@\h \W]\$ '
