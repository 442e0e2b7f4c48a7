//! What stands behind `:who` and `:can`, read: `VERB RESOURCE [NAME] [in NS|tenant T|cluster] [/filter]`. Total.

/// Where a question is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Where {
    /// Where the panes are: nothing else was said.
    #[default]
    Here,
    /// A namespace; or a tenant, if there is one of that name and no such namespace.
    Named(String),
    /// A tenant.
    Tenant(String),
    /// All namespaces.
    Everywhere,
    /// The whole cluster: what holds everywhere, and cluster-wide objects.
    Cluster,
}

/// A line, read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// The words before the place, in their order.
    pub words: Vec<String>,
    /// The place.
    pub place: Where,
    /// The filter.
    pub filter: String,
}

impl Line {
    /// Reads what stands behind the word of the command. A name with spaces stands between quotes; what begins with `/` behind the
    /// first word is a filter, as everywhere.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut line = Self::default();
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            if let Some(filter) = rest.strip_prefix('/').filter(|_| !line.words.is_empty()) {
                filter.trim().clone_into(&mut line.filter);
                break;
            }
            let (word, quoted) = token(&mut rest)?;
            match word.as_str() {
                "in" if !quoted => line.place = place(&mut rest)?,
                "-n" if !quoted => line.place = Where::Named(name(&mut rest, "in which namespace? -n oil-web")?),
                "-A" if !quoted => line.place = Where::Everywhere,
                _ if line.place != Where::Here => {
                    return Err(format!(
                        "what is {word}? The place stands last: in NAMESPACE, in tenant NAME, in cluster"
                    ));
                }
                _ => line.words.push(word),
            }
        }
        Ok(line)
    }
}

/// The next word, without its quotes, and whether it had any.
fn token(rest: &mut &str) -> Result<(String, bool), String> {
    // `user:"a b"` is one word, too.
    let (mut word, mut quoted, mut inside) = (String::new(), false, false);
    let mut end = rest.len();
    for (at, letter) in rest.char_indices() {
        match letter {
            '"' => (inside, quoted) = (!inside, true),
            letter if letter.is_whitespace() && !inside => {
                end = at;
                break;
            }
            letter => word.push(letter),
        }
    }
    if inside {
        return Err("a quote is not closed".to_owned());
    }
    *rest = rest.get(end..).unwrap_or_default().trim_start();
    Ok((word, quoted))
}

fn place(rest: &mut &str) -> Result<Where, String> {
    let first = name(rest, "where? in oil-web, in tenant oil, in cluster")?;
    Ok(match first.as_str() {
        "cluster" => Where::Cluster,
        "all" => Where::Everywhere,
        "tenant" => Where::Tenant(name(rest, "in which tenant? in tenant oil")?),
        "namespace" | "ns" => Where::Named(name(rest, "in which namespace? in ns oil-web")?),
        _ => Where::Named(first),
    })
}

fn name(rest: &mut &str, missing: &str) -> Result<String, String> {
    match token(rest)? {
        (name, _) if name.is_empty() => Err(missing.to_owned()),
        (name, _) => Ok(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(line: &Line) -> Vec<&str> {
        line.words.iter().map(String::as_str).collect()
    }

    #[test]
    fn a_question_is_read_as_it_is_said() {
        let line = Line::read("delete pods in tenant oil /alice").unwrap();
        assert_eq!(words(&line), ["delete", "pods"]);
        assert_eq!((line.place, line.filter.as_str()), (Where::Tenant("oil".into()), "alice"));
        assert_eq!(Line::read("get pods/log site -n oil-web").unwrap().place, Where::Named("oil-web".into()));
        assert_eq!(Line::read("list nodes in cluster").unwrap().place, Where::Cluster);
        let line = Line::read("user:\"Zoe Q\" get pods").unwrap();
        assert_eq!((words(&line), &line.place), (vec!["user:Zoe Q", "get", "pods"], &Where::Here));
        // A group's name may begin with a slash where a filter cannot stand.
        assert_eq!(words(&Line::read("/team-a/admins get pods").unwrap()), ["/team-a/admins", "get", "pods"]);
    }

    #[test]
    fn what_cannot_be_meant_is_told() {
        assert!(Line::read("get pods in").unwrap_err().contains("where?"));
        assert!(Line::read("get pods in tenant").unwrap_err().contains("which tenant"));
        assert!(Line::read("get pods in oil-web site").unwrap_err().contains("what is site?"));
        assert!(Line::read("\"alice get").unwrap_err().contains("quote"));
    }

    proptest! {
        #[test]
        fn reading_is_total(text in "\\PC{0,60}") {
            drop(Line::read(&text));
        }
    }
}
