# Programs of snaps, behind everything else.
snap_bin=/snap/bin
case ":$PATH:" in
  *":$snap_bin:"*) ;;
  *) PATH="$PATH:$snap_bin" ;;
esac
unset snap_bin
