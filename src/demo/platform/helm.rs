//! Helm's releases, as its Secret driver stores them: gzipped JSON, in base64, in a Secret (`pkg/storage/driver/{secrets,util}.go`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::demo::object::{Meta as _, Object};

/// The `apiVersion` of the documents that stand for releases.
pub(super) const API_VERSION: &str = "helm.sh/release.v1";

/// The Secret of a release, from a document with `chart`, `revision`, `updated` and `description`.
pub(super) fn secret(release: &Object) -> Object {
    let (name, namespace) = (release.name(), release.namespace());
    let revision = release.int(&["revision"]).unwrap_or(1);
    let updated = release.text(&["updated"]).unwrap_or_default();
    let chart = |key: &str| release.text(&["chart", key]).unwrap_or_default();
    let content = json!({
        "name": name,
        "namespace": namespace,
        "version": revision,
        "manifest": "",
        "config": {},
        "chart": {
            "metadata": {
                "name": chart("name"), "version": chart("version"), "appVersion": chart("appVersion"), "apiVersion": "v2",
            },
            "lock": null, "templates": [], "values": {}, "schema": null, "files": [],
        },
        "info": {
            "first_deployed": updated, "last_deployed": updated, "deleted": "", "status": "deployed",
            "description": release.text(&["description"]).unwrap_or("Install complete"),
        },
    });
    // The API writes a Secret's bytes in base64 once more.
    let text = STANDARD.encode(gzip(content.to_string().as_bytes()));
    let labels = json!({
        "name": name, "owner": "helm", "status": "deployed", "version": revision.to_string(),
        "modifiedAt": seconds(updated),
    });
    json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": format!("sh.helm.release.v1.{name}.v{revision}"), "namespace": namespace, "labels": labels},
        "type": "helm.sh/release.v1",
        "data": {"release": STANDARD.encode(text)},
    })
}

fn seconds(time: &str) -> Value {
    time.parse::<jiff::Timestamp>().map_or(0, jiff::Timestamp::as_second).to_string().into()
}

/// RFC 1952 around stored blocks of RFC 1951: a few kilobytes need no compression, and so no compressor.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    let mut out = HEAD.to_vec();
    let mut blocks = bytes.chunks(usize::from(u16::MAX)).peekable();
    while let Some(block) = blocks.next() {
        out.push(u8::from(blocks.peek().is_none()));
        let length = block.len() as u16;
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(block);
    }
    out.extend(crc32(bytes).to_le_bytes());
    out.extend((bytes.len() as u32).to_le_bytes());
    out
}

/// The checksum of RFC 1952, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 })
    })
}
