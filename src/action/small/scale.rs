//! How many pods there are to be.

use super::Small;

/// `:scale 3`
pub const SCALE: Small = Small {
    word: "scale",
    argument: "NUMBER",
    meaning: "how many pods what is selected is to have",
    make: |object, asked| {
        let [number] = asked.arguments else { return Err("to how many? One number".to_owned()) };
        let number: u32 = number.parse().map_err(|_| format!("{number} is not a number of pods"))?;
        let replicas = object.pointer_mut("/spec/replicas").ok_or("it has no replicas")?;
        *replicas = number.into();
        Ok(())
    },
};
