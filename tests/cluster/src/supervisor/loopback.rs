//! A new network namespace has a loopback interface, but it is down.

use std::io;

use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketType, recv, send, socket};

/// The loopback interface is the first of every namespace.
const LOOPBACK: i32 = 1;
const IFF_UP: u32 = 1;
const RTM_NEWLINK: u16 = 16;
const NLMSG_ERROR: u16 = 2;
const NLM_F_REQUEST_AND_ACK: u16 = 1 | 4;

/// Does what `ip link set lo up` does: 32 bytes to the kernel are not worth a dependency or a tool.
pub(super) fn bring_up() -> io::Result<()> {
    let netlink = socket(AddressFamily::NETLINK, SocketType::RAW, None)?;
    send(&netlink, &request(), SendFlags::empty())?;
    let mut answer = [0; 1024];
    let (length, _) = recv(&netlink, &mut answer, RecvFlags::empty())?;
    acknowledged(answer.get(..length).unwrap_or_default())
}

fn request() -> Vec<u8> {
    let mut bytes = Vec::with_capacity(32);
    // struct nlmsghdr: length, type, flags, sequence, port
    bytes.extend(32_u32.to_ne_bytes());
    bytes.extend(RTM_NEWLINK.to_ne_bytes());
    bytes.extend(NLM_F_REQUEST_AND_ACK.to_ne_bytes());
    bytes.extend(1_u32.to_ne_bytes());
    bytes.extend(0_u32.to_ne_bytes());
    // struct ifinfomsg: family, padding, type, index, flags, which of the flags are meant
    bytes.extend([0, 0]);
    bytes.extend(0_u16.to_ne_bytes());
    bytes.extend(LOOPBACK.to_ne_bytes());
    bytes.extend(IFF_UP.to_ne_bytes());
    bytes.extend(IFF_UP.to_ne_bytes());
    bytes
}

/// The answer is a header, of which the second field is the type, and an error number, which is zero if all is well.
fn acknowledged(answer: &[u8]) -> io::Result<()> {
    let kind = answer.get(4..6).and_then(|bytes| bytes.try_into().ok()).map(u16::from_ne_bytes);
    let error = answer.get(16..20).and_then(|bytes| bytes.try_into().ok()).map(i32::from_ne_bytes);
    match (kind, error) {
        (Some(NLMSG_ERROR), Some(0)) => Ok(()),
        (Some(NLMSG_ERROR), Some(error)) => Err(io::Error::from_raw_os_error(-error)),
        _ => Err(io::Error::other("the kernel's answer about the loopback interface is not understood")),
    }
}
