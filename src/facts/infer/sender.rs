//! Who stands between the word ssh and the program, and what would be sent for it.

use crate::facts::Facts;

/// Fills `ssh_is_replaced`.
pub(super) fn fill(facts: &mut Facts) {
    if let Some(terminal) = facts.terminal.known_mut() {
        terminal.ssh_is_replaced = terminal.warp.as_ref().is_some_and(|warp| warp.wrapper);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Terminal, Warp};

    #[test]
    fn warps_function_takes_the_place_of_ssh() {
        for wrapper in [true, false] {
            let warp = Warp { wrapper, ..Warp::default() };
            let terminal = Terminal { warp: Some(warp), ..Terminal::default() };
            let mut facts = Facts { terminal: terminal.into(), ..Facts::default() };
            fill(&mut facts);
            assert_eq!(facts.terminal.known().map(|terminal| terminal.ssh_is_replaced), Some(wrapper));
        }
    }
}
