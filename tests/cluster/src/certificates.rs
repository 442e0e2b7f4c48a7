//! One certificate authority for everything in a cluster, and certificates that are wrong on purpose.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};

use crate::error::{Context, Failure};

/// A certificate and its key, both in PEM.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// The certificate.
    pub certificate: String,
    /// Its private key.
    pub key: String,
}

/// A certificate authority.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// When a certificate is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Validity {
    /// From long ago to far away.
    Now,
    /// It ended long ago.
    Past,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Result<Self, Failure> {
        let mut params = parameters(name, None, Validity::Now)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().context("no key can be made")?);
        Ok(Self { issuer: issuer.context("the certificate authority cannot be made")? })
    }

    pub(crate) fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// Its private key, for the controller that signs what is approved.
    pub(crate) fn key(&self) -> String {
        self.issuer.key().serialize_pem()
    }

    /// A certificate for a server on this machine.
    pub(crate) fn server(&self, name: &str) -> Result<Certificate, Failure> {
        let mut params = parameters(name, None, Validity::Now)?;
        let names = CertificateParams::new(["localhost".to_owned(), "127.0.0.1".to_owned()]);
        params.subject_alt_names = names.context("the server's names are not accepted")?.subject_alt_names;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.issue(params)
    }

    /// A certificate by which the API server knows a user and his group.
    pub(crate) fn client(&self, user: &str, group: Option<&str>, validity: Validity) -> Result<Certificate, Failure> {
        let mut params = parameters(user, group, validity)?;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.issue(params)
    }

    fn issue(&self, mut params: CertificateParams) -> Result<Certificate, Failure> {
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().context("no key can be made")?;
        let certificate = params.signed_by(&key, &self.issuer).context("the certificate cannot be signed")?;
        Ok(Certificate { certificate: certificate.pem(), key: key.serialize_pem() })
    }
}

/// A key pair for ServiceAccount tokens: the private and the public half, in PEM.
pub(crate) fn token_key() -> Result<(String, String), Failure> {
    let key = KeyPair::generate().context("no key for tokens can be made")?;
    Ok((key.serialize_pem(), key.public_key_pem()))
}

fn parameters(name: &str, group: Option<&str>, validity: Validity) -> Result<CertificateParams, Failure> {
    let mut params = CertificateParams::new(Vec::new()).context("certificates cannot be made")?;
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, name);
    if let Some(group) = group {
        subject.push(DnType::OrganizationName, group);
    }
    params.distinguished_name = subject;
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = match validity {
        Validity::Now => date_time_ymd(2120, 1, 1),
        Validity::Past => date_time_ymd(2021, 1, 1),
    };
    Ok(params)
}
