//! Who we are in which context, as it was when somebody asked last: a small file for each, that only we can read. Prompts
//! read one, and ask nobody.

use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::state;
use crate::world::identity::{ActingAs, Known, Place};

/// Keeps what is known.
pub fn keep(folder: &Path, known: &Known) -> io::Result<()> {
    let file = file(folder, &known.context, &known.server, &known.user_entry, known.acting_as.as_ref());
    state::save(&file, known)
}

/// What is known of us at this place.
pub fn recall(folder: &Path, place: &Place) -> Option<Known> {
    let file = file(folder, &place.context, &place.server, &place.user_entry, place.acting_as.as_ref());
    state::load::<Option<Known>>(&file).filter(|known| known.is_of(place))
}

fn file(folder: &Path, context: &str, server: &str, user: &str, acting_as: Option<&ActingAs>) -> PathBuf {
    let mut hash = Sha256::new();
    let acting = acting_as.into_iter().flat_map(|acting| std::iter::once(&acting.user).chain(&acting.groups));
    for part in [context, server, user].into_iter().chain(acting.map(String::as_str)) {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    let digest = hash.finalize();
    let (head, _) = digest.split_at(8);
    let name = head.iter().fold(0_u64, |all, byte| all << 8 | u64::from(*byte));
    folder.join(format!("{name:016x}.json"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::world::identity::Identity;

    #[test]
    fn what_is_kept_comes_back_at_its_own_place_only() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("identities");
        let place = Place { context: "prod".into(), server: "a:443".into(), ..Place::default() };
        let identity = Identity { username: "alice".into(), uid: None, groups: vec!["devs".into()], extra: vec![] };
        let known = Known::of(&place, &identity, None, 5);
        assert_eq!(recall(&folder, &place), None);
        keep(&folder, &known).unwrap();
        assert_eq!(recall(&folder, &place), Some(known.clone()));
        let file = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let acting_as = Some(ActingAs { user: "bob".into(), groups: vec![] });
        for other in [
            Place { context: "test".into(), ..place.clone() },
            Place { server: "b:443".into(), ..place.clone() },
            Place { user_entry: "ops".into(), ..place.clone() },
            Place { acting_as, ..place.clone() },
        ] {
            assert_eq!(recall(&folder, &other), None, "{other:?}");
        }
        std::fs::write(file.path(), "{").unwrap();
        assert_eq!(recall(&folder, &place), None);
    }

    #[test]
    fn it_grows_old() {
        let place = Place::default();
        let identity = Identity { username: "alice".into(), uid: None, groups: vec![], extra: vec![] };
        let known = Known::of(&place, &identity, None, 0);
        assert!(!known.is_stale(&place, 86_399) && known.is_stale(&place, 86_400));
        let other = Place { proof: crate::world::identity::Proof::Basic, ..Place::default() };
        assert!(known.is_stale(&other, 1));
    }
}
