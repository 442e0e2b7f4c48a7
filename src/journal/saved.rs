//! Texts that are kept in files of their own beside the journal, which only we can read.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::world::trouble::{Trouble, TroubleKind};

/// Writes a new file into the folder of such files, its name with the time (milliseconds) before it; says where it is.
pub fn save(folder: &Path, name: &str, text: &str, now: i64) -> Result<PathBuf, Trouble> {
    let now = jiff::Timestamp::from_millisecond(now).unwrap_or_default().to_zoned(jiff::tz::TimeZone::system());
    let path = folder.join(format!("{}-{name}", now.strftime("%Y%m%d-%H%M%S")));
    fs::create_dir_all(folder).map_err(|error| cannot(folder, &error))?;
    write(&path, text)?;
    Ok(path)
}

/// Writes a new file; one that is there already stays as it is.
pub fn write(path: &Path, text: &str) -> Result<(), Trouble> {
    let written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.map_err(|error| cannot(path, &error))
}

fn cannot(path: &Path, error: &std::io::Error) -> Trouble {
    Trouble::new(TroubleKind::File, format!("cannot write {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn only_we_can_read_it_and_nothing_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = save(&folder.path().join("saved"), "a.yaml", "kind: X\n", 1_764_000_000_000).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "kind: X\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(write(&path, "other").unwrap_err().kind, TroubleKind::File);
        assert_eq!(fs::read_to_string(&path).unwrap(), "kind: X\n");
    }
}
