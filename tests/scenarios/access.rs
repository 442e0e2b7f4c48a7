//! Who may do what, asked at a shell.

use std::collections::BTreeSet;
use std::sync::Arc;

use http::Request;
use serde_json::{Value, json};
use tenantry_cluster::{Cluster, User};

use crate::desk::{Outcome, furnish, send};
use crate::scripts::{tenantry, text};

const GROUP: &str = "rbac.authorization.k8s.io";

async fn bind(cluster: &Cluster, namespace: &str, name: &str, role: &str, subject: Value) -> Outcome {
    let path = format!("/apis/{GROUP}/v1/namespaces/{namespace}/rolebindings");
    let binding = json!({
        "apiVersion": format!("{GROUP}/v1"), "kind": "RoleBinding", "metadata": {"name": name, "namespace": namespace},
        "roleRef": {"apiGroup": GROUP, "kind": "ClusterRole", "name": role}, "subjects": [subject],
    });
    send(cluster, "POST", &path, &binding).await.map(drop)
}

fn list(bytes: &[u8]) -> Result<Vec<Value>, String> {
    serde_json::from_slice(bytes).map_err(|error| format!("{error}: {}", text(bytes)))
}

/// Each subject once, with where and why; the server agrees.
pub async fn who_can_names_everybody_once(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "whocan", &["whocan-web", "whocan-db"]).await?;
    let devs = json!({"apiGroup": GROUP, "kind": "Group", "name": "whocan/devs @ home"});
    bind(&cluster, "whocan-web", "devs", "edit", devs).await?;
    let people = tenantry(&cluster, User::Admin, &["who-can", "delete", "po", "--tenant", "whocan", "--ask"]).await?;
    let (said, remarks) = (text(&people.stdout), text(&people.stderr));
    assert!(people.status.success(), "{said}{remarks}");
    let lines: Vec<&str> = said.lines().filter(|line| line.contains("alice")).collect();
    assert!(
        matches!(lines.as_slice(), [line] if line.contains("all 2 namespaces") && line.contains("admin")),
        "{said}"
    );
    assert!(said.contains("whocan/devs @ home") && said.contains("1 of 2 namespaces"), "{said}");
    assert!(remarks.contains("the server was asked, and agrees"), "{remarks}");
    assert!(!remarks.contains("the server does not let") && !remarks.contains("the server lets"), "{remarks}");
    let programs =
        tenantry(&cluster, User::Admin, &["who-can", "delete", "pods", "-n", "whocan-web", "-o", "json"]).await?;
    let all = list(&programs.stdout)?;
    let devs =
        all.iter().find(|one| one["subject"]["kind"] == "Group" && one["scope"] == "whocan-web").ok_or("no group")?;
    assert_eq!(devs["binding"]["name"], "devs");
    assert_eq!(devs["role"]["name"], "edit");
    let table = tenantry(&cluster, User::Admin, &["who-can", "delete", "ns", "whocan-db", "-o", "csv"]).await?;
    let table = text(&table.stdout);
    assert!(table.starts_with("kind,name,namespace,scope,binding,role,via,rule\r\n"), "{table}");
    assert!(
        table.contains("User,alice,,whocan-db,") && table.contains("ClusterRole/capsule-namespace-deleter"),
        "{table}"
    );
    Ok(())
}

/// Yes, no, only here and there: by the exit code, too. What somebody may do is what the server lists for him.
pub async fn can_answers_by_its_exit_code(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "maycan", &["maycan-web", "maycan-db"]).await?;
    let robot = json!({"kind": "ServiceAccount", "name": "robot", "namespace": "maycan-web"});
    bind(&cluster, "maycan-web", "robot", "view", robot).await?;
    let code = async |arguments: &[&str]| {
        let ran = tenantry(&cluster, User::Admin, arguments).await?;
        let said = text(&ran.stdout) + &text(&ran.stderr);
        Ok::<_, String>((ran.status.code(), said))
    };
    let (yes, said) = code(&["can", "alice", "create", "deploy", "--tenant", "maycan", "--ask"]).await?;
    assert!(yes == Some(0) && said.contains("yes: ") && said.contains("ClusterRole admin"), "{said}");
    assert!(said.contains("agrees 2 times of 2"), "{said}");
    let (some, said) = code(&["can", "sa:maycan-web/robot", "get", "pods/log", "--tenant", "maycan"]).await?;
    assert!(some == Some(1) && said.contains("in 1 of 2 namespaces"), "{said}");
    let (no, said) = code(&["can", "carol", "get", "secrets", "-n", "maycan-web"]).await?;
    assert!(no == Some(1) && said.contains("no: "), "{said}");
    let (wrong, said) = code(&["can", "carol", "get", "wizards"]).await?;
    assert!(wrong == Some(2) && said.contains("the server knows no wizards"), "{said}");
    let (masters, said) = code(&["can", "me", "delete", "nodes"]).await?;
    assert!(masters == Some(0) && said.contains("system:masters"), "{said}");
    // As `kubectl auth can-i --list` has it, which asks the server for her own rules.
    let listed = tenantry(&cluster, User::Admin, &["can", "alice", "-n", "maycan-web", "-o", "json"]).await?;
    let mut ours = BTreeSet::new();
    for one in list(&listed.stdout)? {
        let verbs = one["verbs"].as_array().into_iter().flatten().filter_map(Value::as_str);
        ours.extend(verbs.map(|verb| format!("{verb} {}", one["on"].as_str().unwrap_or_default())));
    }
    let theirs = own_rules(&cluster, User::Alice, "maycan-web").await?;
    let differ: Vec<&String> = ours.symmetric_difference(&theirs).collect();
    assert!(differ.is_empty() && ours.len() > 100, "{differ:?} of {}", ours.len());
    Ok(())
}

/// What the server lists as somebody's own rules, one verb on one thing each.
async fn own_rules(cluster: &Cluster, user: User, namespace: &str) -> Result<BTreeSet<String>, String> {
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview", "spec": {"namespace": namespace},
    });
    let request = Request::post("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews")
        .header("content-type", "application/json")
        .body(review.to_string().into_bytes())
        .map_err(|error| error.to_string())?;
    let answer: Value = cluster.client_as(user).request(request).await.map_err(|error| error.to_string())?;
    let texts = |rule: &Value, key: &str| -> Vec<String> {
        rule[key].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let mut found = BTreeSet::new();
    for rule in answer["status"]["resourceRules"].as_array().into_iter().flatten() {
        for group in texts(rule, "apiGroups") {
            for resource in texts(rule, "resources") {
                let on = tenantry::world::rights::rule::full_name(&group, &resource);
                let names = texts(rule, "resourceNames");
                let on: Vec<String> =
                    if names.is_empty() { vec![on] } else { names.iter().map(|name| format!("{on} {name}")).collect() };
                for verb in texts(rule, "verbs") {
                    found.extend(on.iter().map(|on| format!("{verb} {on}")));
                }
            }
        }
    }
    for rule in answer["status"]["nonResourceRules"].as_array().into_iter().flatten() {
        for verb in texts(rule, "verbs") {
            found.extend(texts(rule, "nonResourceURLs").iter().map(|path| format!("{verb} {path}")));
        }
    }
    Ok(found)
}

/// A tenant's grants, the matrix, and what should be looked at: a stranger above all.
pub async fn access_tells_of_strangers(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "access", &["access-web", "access-db"]).await?;
    furnish(&cluster, "stranger", &["stranger-web"]).await?;
    let stranger = json!({"kind": "ServiceAccount", "name": "default", "namespace": "stranger-web"});
    bind(&cluster, "access-web", "stranger", "view", stranger).await?;
    let told = tenantry(&cluster, User::Admin, &["access", "access"]).await?;
    let said = text(&told.stdout);
    assert!(told.status.success(), "{said}{}", text(&told.stderr));
    let owner = said.lines().find(|line| line.contains("alice") && line.contains("admin")).ok_or(&said)?;
    assert!(owner.contains("all 2 namespaces") && owner.contains("owner") && owner.contains("Capsule"), "{said}");
    assert!(
        said.contains("SA stranger-web/default belongs to tenant stranger and is bound in tenant access"),
        "{said}"
    );
    let matrix = tenantry(&cluster, User::Admin, &["access", "access", "--matrix", "-o", "json"]).await?;
    let rows = list(&matrix.stdout)?;
    let alice = rows.iter().find(|row| row["subject"]["name"] == "alice").ok_or("no alice")?;
    assert_eq!(alice["namespaces"]["delete ns"], json!(["access-db", "access-web"]));
    let account = rows.iter().find(|row| row["subject"]["namespace"] == "stranger-web").ok_or("no stranger")?;
    assert_eq!(account["namespaces"]["read"], json!(["access-web"]));
    assert_eq!(account["namespaces"]["secrets"], json!([]));
    let nothing = tenantry(&cluster, User::Admin, &["access", "nobodys"]).await?;
    assert!(!nothing.status.success() && text(&nothing.stderr).contains("there is no tenant nobodys"));
    Ok(())
}

/// An owner, who may list nothing in the whole cluster, is answered as far as can be seen, and told what is not.
pub async fn an_owner_is_told_what_is_not_counted(cluster: Arc<Cluster>) -> Outcome {
    furnish(&cluster, "partly", &["partly-web"]).await?;
    let told = tenantry(&cluster, User::Alice, &["who-can", "delete", "pods", "-n", "partly-web"]).await?;
    let (said, remarks) = (text(&told.stdout), text(&told.stderr));
    assert!(told.status.success(), "{said}{remarks}");
    for words in ["clusterrolebindings of the whole cluster are not counted", "ClusterRole admin, which cannot be read"]
    {
        assert!(remarks.contains(words), "{words}: {remarks}");
    }
    let unknown = tenantry(&cluster, User::Alice, &["can", "me", "delete", "pods", "-n", "partly-web"]).await?;
    assert_eq!(unknown.status.code(), Some(2), "{}", text(&unknown.stdout));
    let word = tenantry(&cluster, User::Alice, &["can", "me", "delete", "pods", "-n", "partly-web", "--ask"]).await?;
    let remarks = text(&word.stderr);
    assert!(word.status.success() && remarks.contains("the server lets us delete pods in partly-web"), "{remarks}");
    let refused = tenantry(&cluster, User::Alice, &["can", "bob", "get", "pods", "-n", "partly-web", "--ask"]).await?;
    assert!(text(&refused.stderr).contains("subjectaccessreviews"), "{}", text(&refused.stderr));
    Ok(())
}
