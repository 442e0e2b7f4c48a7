//! Tests of the demo as a whole.

mod fuzz;
