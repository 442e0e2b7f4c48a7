//! What stands in the way before there is an answer: the system, TLS, and our own layers.

use std::io;

use super::*;

#[test]
fn errors_of_the_system_are_found_wherever_they_are_wrapped() {
    use io::ErrorKind as E;
    let place = place();
    let asked = Asked { place: &place, what: "list tenants", now: NOW };
    for (kind, expected) in [
        (E::ConnectionRefused, TroubleKind::Refused),
        (E::HostUnreachable, TroubleKind::Unreachable),
        (E::NetworkUnreachable, TroubleKind::Unreachable),
        (E::NetworkDown, TroubleKind::Unreachable),
        (E::TimedOut, TroubleKind::TimedOut),
        (E::ConnectionReset, TroubleKind::Interrupted),
        (E::BrokenPipe, TroubleKind::Interrupted),
        (E::UnexpectedEof, TroubleKind::Interrupted),
    ] {
        let plain = io::Error::from(kind);
        assert_eq!(explain_chain(&plain, &asked).kind, expected, "{kind:?}");
        let wrapped = kube::Error::ReadEvents(io::Error::other(io::Error::other(io::Error::from(kind))));
        assert_eq!(explain(&wrapped, &asked).kind, expected, "{kind:?} wrapped");
        let boxed = kube::Error::Service(Box::new(io::Error::from(kind)));
        assert_eq!(explain(&boxed, &asked).kind, expected, "{kind:?} boxed");
    }
    let odd = explain_chain(&io::Error::other("odd\x1b thing."), &asked);
    assert_eq!(
        (odd.kind, odd.what.as_str()),
        (TroubleKind::Other, "cannot list tenants at 10.0.0.1:6443: odd\u{FFFD} thing")
    );
}

#[test]
fn kinds_of_tls_failures_that_are_hard_to_provoke() {
    use rustls::{AlertDescription as A, CertificateError as C, Error as E};
    let asked_place = |proof| Place { proof, ..place() };
    let expired = certificate(Some(NOW - 5));
    let table = [
        (E::InvalidCertificate(C::Expired), Proof::Nothing, TroubleKind::TlsExpired),
        (E::InvalidCertificate(C::NotValidYet), Proof::Nothing, TroubleKind::TlsNotYetValid),
        (E::InvalidCertificate(C::NotValidForName), Proof::Nothing, TroubleKind::TlsWrongName),
        (E::InvalidCertificate(C::BadSignature), Proof::Nothing, TroubleKind::TlsUnknownIssuer),
        (E::InvalidCertificate(C::Revoked), Proof::Nothing, TroubleKind::Tls),
        (E::AlertReceived(A::CertificateExpired), expired.clone(), TroubleKind::ClientCertificateExpired),
        (E::AlertReceived(A::BadCertificate), expired, TroubleKind::ClientCertificateExpired),
        (E::AlertReceived(A::BadCertificate), Proof::Nothing, TroubleKind::Unauthorized),
        (E::AlertReceived(A::CertificateExpired), Proof::Nothing, TroubleKind::ClientCertificateExpired),
        (E::AlertReceived(A::CertificateRequired), Proof::Nothing, TroubleKind::Unauthorized),
        (E::AlertReceived(A::UnrecognisedName), Proof::Nothing, TroubleKind::TlsWrongName),
        (E::AlertReceived(A::HandshakeFailure), Proof::Nothing, TroubleKind::Tls),
        (E::General("odd".into()), Proof::Nothing, TroubleKind::Tls),
    ];
    for (error, proof, kind) in table {
        let place = asked_place(proof);
        let asked = Asked { place: &place, what: "list tenants", now: NOW };
        let words = format!("{error:?}");
        let trouble = explain_chain(&io::Error::other(error), &asked);
        assert_eq!(trouble.kind, kind, "{words}");
        assert!(!trouble.what.is_empty());
    }
}

#[test]
fn troubles_of_our_own_layers_pass_as_they_are() {
    let own = Trouble::new(TroubleKind::NeedsTerminal { command: "aws".into() }, "ask").advise("so");
    let error = kube::Error::Service(Box::new(own.clone()));
    assert_eq!(explain(&error, &Asked::new(&place(), "x")), own);
}

#[test]
fn a_limit_of_our_own_is_told() {
    let trouble = timed_out(&Asked::new(&place(), "list tenants"), Duration::from_secs(10));
    assert_eq!(trouble.what, "10.0.0.1:6443 did not answer within 10 s (asked to list tenants)");
}

proptest! {
    #[test]
    fn any_answer_is_survived_and_sealed(code in 100_u16..600, text in "\\PC{0,80}", wild in ".{0,80}", likely in "(<title>|</TITLE|İ|forbidden: User |\"|cannot |resource |denied the request|failed calling webhook|exceeded quota: |, used: |:| ){0,14}") {
        let place = place();
        let asked = Asked { place: &place, what: "list tenants", now: NOW };
        for text in [text, wild, likely] {
            let sealed = |trouble: Trouble| {
                let tricks = |text: &str| text.chars().any(char::is_control);
                prop_assert!(!tricks(&trouble.what) && !tricks(&trouble.advice) && !tricks(&trouble.detail.replace('\n', "")));
                Ok(())
            };
            sealed(explain_answer(code, text.as_bytes(), &asked))?;
            sealed(explain_answer(code, format!("<html>{text}").as_bytes(), &asked))?;
            sealed(explain_status(&status(code, "x", &text), &asked))?;
            parse_forbidden(&text);
        }
    }
}
