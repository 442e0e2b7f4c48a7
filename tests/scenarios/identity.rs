//! Who we are, by every kind of credential: what the server says, how it was proven, and when that ends.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use tempfile::TempDir;
use tenantry::world::identity::{Expiry, Proof};
use tenantry_cluster::{Cluster, Credential, User};

use crate::desk::{Desk, Outcome, send};
use crate::scripts::{at_home, text};

/// A ServiceAccount in `default`, and a token of it that is good for an hour.
async fn account(cluster: &Cluster, name: &str) -> Result<String, String> {
    let path = "/api/v1/namespaces/default/serviceaccounts";
    send(cluster, "POST", path, &json!({"metadata": {"name": name}})).await?;
    let request = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
        "spec": {"expirationSeconds": 3600}});
    let issued = send(cluster, "POST", &format!("{path}/{name}/token"), &request).await?;
    issued["status"]["token"].as_str().map(str::to_owned).ok_or_else(|| format!("no token: {issued}"))
}

/// A folder with a kubeconfig whose one user proves himself by `proof` instead of this token.
fn kubeconfig(
    cluster: &Cluster,
    token: &str,
    proof: impl FnOnce(&Path) -> Result<Value, String>,
) -> Result<(TempDir, PathBuf), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let file = folder.path().join("config");
    let given = cluster.kubeconfig_with(&[("teller", &Credential::Token(token.to_owned()))]);
    let given = given.replace(&format!("\n    token: {token}"), &format!(" {}", proof(folder.path())?));
    std::fs::write(&file, given).map_err(|error| error.to_string())?;
    Ok((folder, file))
}

fn write(folder: &Path, name: &str, text: &str) -> Result<String, String> {
    let path = folder.join(name);
    std::fs::write(&path, text).map_err(|error| error.to_string())?;
    Ok(path.display().to_string())
}

/// A ServiceAccount's token says whose it is and when it ends, whether it stands in the kubeconfig, in a file, or comes from a
/// plugin, which is asked again before.
pub async fn a_token_is_told_wherever_it_comes_from(cluster: Arc<Cluster>) -> Outcome {
    let token = account(&cluster, "teller").await?;
    let ends = jiff::Timestamp::now() + jiff::SignedDuration::from_mins(30);
    let printed = json!({"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
        "status": {"token": token, "expirationTimestamp": ends.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()}});
    let inline = kubeconfig(&cluster, &token, |_| Ok(json!({"token": token})))?;
    let file = kubeconfig(&cluster, &token, |folder| Ok(json!({"tokenFile": write(folder, "token", &token)?})))?;
    let plugin = kubeconfig(&cluster, &token, |folder| {
        let printed = write(folder, "printed", &printed.to_string())?;
        Ok(json!({"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "cat",
            "args": [printed], "interactiveMode": "Never"}}))
    })?;
    let of = "bearer token of the ServiceAccount default/teller";
    for ((folder, file), from, end) in
        [(inline, of, "expires in"), (file, of, "expires in"), (plugin, "exec plugin cat", "renewed in")]
    {
        let mut desk = Desk::unsettled(&file, |_| {})?;
        desk.sees("system:serviceaccount:default:teller").await?;
        desk.sees("system:serviceaccounts:default").await?;
        desk.sees(from).await?;
        desk.sees(end).await?;
        drop(folder);
    }
    Ok(())
}

/// A token file that was written anew in time is no reason for a warning; one that was not is, once, and its end is said too.
pub async fn an_end_is_told_in_time(cluster: Arc<Cluster>) -> Outcome {
    let token = account(&cluster, "ender").await?;
    let (_folder, file) =
        kubeconfig(&cluster, &token, |folder| Ok(json!({"tokenFile": write(folder, "token", &token)?})))?;
    let mut desk = Desk::unsettled(&file, |_| {})?;
    desk.sees("system:serviceaccount:default:ender").await?;
    desk.must_not_show(" expires in 10 min ")?;
    let minutes = |minutes: i64| minutes * 60_000;
    desk.console.pass(minutes(51));
    desk.hears("the bearer token of the ServiceAccount default/ender, from").await?;
    desk.hears("has to write a new one").await?;
    desk.sees(" expires in 8 min ").await?;
    let said = |desk: &Desk| desk.console.model().messages.iter().map(|message| message.times).sum::<u32>();
    let warned = said(&desk);
    desk.console.pass(minutes(1));
    desk.sees(" expires in 7 min ").await?;
    if said(&desk) != warned {
        return Err("it is said twice".to_owned());
    }
    desk.console.pass(minutes(10));
    desk.hears("has expired: the server will take it no more").await?;
    desk.must_show(" credential expired ")
}

/// A token whose ServiceAccount is gone is refused, and that is told for what it is.
pub async fn a_revoked_token_is_told(cluster: Arc<Cluster>) -> Outcome {
    let token = account(&cluster, "revoked").await?;
    let (_folder, file) = kubeconfig(&cluster, &token, |_| Ok(json!({"token": token})))?;
    let mut desk = Desk::unsettled(&file, |_| {})?;
    desk.sees("system:serviceaccount:default:revoked").await?;
    send(&cluster, "DELETE", "/api/v1/namespaces/default/serviceaccounts/revoked", &json!({})).await?;
    desk.hears("does not accept the token of user").await?;
    desk.sees("no answer").await
}

/// Whom we act as, with all groups, is what the server says, on the screen and in scripts.
pub async fn groups_are_acted_as_too(cluster: Arc<Cluster>) -> Outcome {
    let home = tempfile::tempdir().map_err(|error| error.to_string())?;
    let acting = ["--as", "zoe", "--as-group", "painters", "--as-group", "glaziers", "whoami", "-o", "json"];
    let answered = at_home(home.path(), &cluster, User::Admin, &acting).await?;
    let told: Value = serde_json::from_slice(&answered.stdout).map_err(|_| text(&answered.stderr))?;
    assert_eq!(told["username"], "zoe");
    assert_eq!(told["groups"], json!(["painters", "glaziers", "system:authenticated"]));
    assert_eq!(told["actingAs"], json!({"user": "zoe", "groups": ["painters", "glaziers"]}));
    Ok(())
}

/// Who we are is kept, and a prompt says it at once: by `whoami`, and by a console.
pub async fn a_prompt_says_what_was_known_last(cluster: Arc<Cluster>) -> Outcome {
    let home = tempfile::tempdir().map_err(|error| error.to_string())?;
    let say = async |user: User, arguments: &[&str]| -> Result<String, String> {
        let said = at_home(home.path(), &cluster, user, arguments).await?;
        assert!(said.status.success() && said.stderr.is_empty(), "{}", text(&said.stderr));
        Ok(text(&said.stdout))
    };
    let prompt = ["-n", "oil-web", "whoami", "-o", "prompt"];
    assert_eq!(say(User::Admin, &prompt).await?, "admin:oil-web ?\n");
    let wide = say(User::Admin, &["whoami", "-o", "wide"]).await?;
    assert!(wide.contains("\nrole       cluster administrator\n"), "{wide}");
    assert_eq!(say(User::Admin, &prompt).await?, "admin:oil-web admin cluster-admin\n");
    assert_eq!(
        say(User::Admin, &["--readonly", "whoami", "-o", "prompt"]).await?,
        "admin:default admin cluster-admin RO\n"
    );
    // Acting as somebody is to be somebody else.
    assert_eq!(say(User::Admin, &["--as", "zoe", "whoami", "-o", "prompt"]).await?, "admin:default ?\n");
    // A console keeps it too.
    assert_eq!(say(User::Carol, &prompt).await?, "carol:oil-web ?\n");
    let folder = home.path().join(".local/state/tenantry/identities");
    let kept = |folder: &Path| std::fs::read_dir(folder).map_or(0, |entries| entries.filter_map(Result::ok).count());
    let before = kept(&folder);
    let mut desk = Desk::with(&cluster, User::Carol, |settings| settings.identities = Some(folder.clone())).await?;
    let is_kept = |_: &_| kept(&folder) > before;
    desk.console.until("it is kept", crate::desk::PATIENCE, is_kept).await?;
    assert_eq!(say(User::Carol, &prompt).await?, "carol:oil-web carol\n");
    Ok(())
}

/// A client certificate tells its subject and its end; one that has ended says so before the server does.
pub async fn a_certificate_tells_its_subject_and_end(cluster: Arc<Cluster>) -> Outcome {
    let desk = Desk::sit(&cluster, User::Admin).await?;
    desk.must_show("client certificate of admin (O=system:masters)")?;
    desk.must_show("expires in 9")?;
    let issued = cluster.issue_expired("eve", Some("painters")).map_err(|failure| failure.to_string())?;
    let file = tempfile::NamedTempFile::new().map_err(|error| error.to_string())?;
    let given = cluster.kubeconfig_with(&[("eve", &Credential::Certificate(issued))]);
    std::fs::write(file.path(), given).map_err(|error| error.to_string())?;
    let mut desk = Desk::unsettled(file.path(), |_| {})?;
    desk.hears("the client certificate of eve (O=painters) has expired").await?;
    desk.must_show(" credential expired ")?;
    let proof = desk.console.model().here.world.place.as_ref().map(|place| place.proof.clone());
    let Some(proof @ Proof::Certificate { .. }) = proof else { return Err(format!("{proof:?}")) };
    assert!(matches!(proof.validity().expiry(jiff::Timestamp::now().as_second()), Expiry::Over(_)));
    Ok(())
}
