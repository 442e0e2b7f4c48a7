//! The mouse, as far as it stands in for keys.

/// What was done with the mouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mouse {
    /// The left button was pressed.
    Click,
    /// The wheel was turned towards the top.
    WheelUp,
    /// The wheel was turned towards the bottom.
    WheelDown,
}
