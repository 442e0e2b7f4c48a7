//! How long it takes to make many objects, and to list them.

use std::time::Instant;

use k8s_openapi::api::core::v1::Namespace;
use kube::Api;
use kube::api::ListParams;
use serde_json::json;

use crate::figures::{Series, millis};
use crate::{Found, Outcome, caller, client, cluster};

/// How many namespaces there are, and how many of them stand on a page.
const COUNT: u32 = 10_000;
const PAGE: u32 = 500;

/// How often they are listed.
const ROUNDS: usize = 15;

pub async fn measure() -> Outcome<Found> {
    let demo = cluster();
    let begin = Instant::now();
    for at in 0..COUNT {
        let namespace = json!({"metadata": {"name": format!("team-{at:05}"), "labels": {"number": at.to_string()}}});
        demo.cluster().lock().create(&mut caller(), "namespaces", namespace)?;
    }
    let made = begin.elapsed();

    let client = client(&demo);
    // As bytes, and as what a program that knows the kind makes of them.
    let mut bytes = Vec::new();
    let mut typed = Vec::new();
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        pages_of_bytes(&client).await?;
        bytes.push(millis(begin.elapsed()));
        let begin = Instant::now();
        pages(&Api::all(client.clone())).await?;
        typed.push(millis(begin.elapsed()));
    }
    let series = Series::of(bytes.into_iter());
    let rate = f64::from(COUNT) / made.as_secs_f64();
    let lines = vec![
        format!("{:<52} {:>9.0} per second", "namespaces made by the registry", rate),
        series.line("10,000 namespaces in pages of 500", "ms"),
        Series::of(typed.into_iter()).line("the same, decoded by k8s-openapi", "ms"),
    ];
    Ok(Found { series, lines })
}

/// The pages as they come, which takes as long as the cluster takes.
async fn pages_of_bytes(client: &kube::Client) -> Outcome<()> {
    let mut after = String::new();
    let mut pages = 0;
    loop {
        let path = format!("/api/v1/namespaces?limit={PAGE}&continue={after}");
        let text = client.request_text(http::Request::get(path).body(Vec::new())?).await?;
        pages += 1;
        let Some((_, rest)) = text.split_once("\"continue\":\"") else { break };
        match rest.split_once('"') {
            Some((token, _)) if !token.is_empty() => token.clone_into(&mut after),
            _ => break,
        }
    }
    if pages < COUNT / PAGE { Err(format!("there were only {pages} pages").into()) } else { Ok(()) }
}

async fn pages(namespaces: &Api<Namespace>) -> Outcome<()> {
    let mut params = ListParams::default().limit(PAGE);
    let mut count = 0;
    loop {
        let page = namespaces.list(&params).await?;
        count += page.items.len();
        match page.metadata.continue_ {
            Some(token) if !token.is_empty() => params.continue_token = Some(token),
            _ => break,
        }
    }
    if count < COUNT as usize { Err(format!("there were only {count} namespaces").into()) } else { Ok(()) }
}
