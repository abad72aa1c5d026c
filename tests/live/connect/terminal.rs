//! A real terminal: Ctrl-C, suspension, the window's size, and a kill, as with ssh alone.
