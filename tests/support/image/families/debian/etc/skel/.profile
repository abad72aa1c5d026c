# Read by login shells, by bash only where there is no ~/.bash_profile.
if [ -n "$BASH_VERSION" ] && [ -f "$HOME/.bashrc" ]; then
  . "$HOME/.bashrc"
fi
for i in "$HOME/bin" "$HOME/.local/bin"; do
  [ ! -d "$i" ] || PATH="$i:$PATH"
done
unset i
