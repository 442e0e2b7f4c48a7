//! Capsule (being written).
use super::{object::Object, registry::{Registry,Review}, schema::kind::Kind, status::Status, life::agenda::Job};
pub fn mutate(_:&mut Registry,_:&Review<'_>,_:&mut Object)->Result<(),Status>{Ok(())}
pub fn validate(_:&mut Registry,_:&Review<'_>,_:Option<&Object>)->Result<(),Status>{Ok(())}
pub fn observe(_:&mut Registry,_:&Kind,_:Option<&Object>,_:Option<&Object>){}
pub fn reconcile(_:&mut Registry,_:&Job){}
pub fn install(_:&mut Registry){}
