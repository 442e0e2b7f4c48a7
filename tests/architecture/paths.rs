//! All paths of a source file, resolved as far as one file tells.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use std::collections::HashMap;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

/// A path that stands in a source.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Found {
    /// Its parts. Paths into our own crate begin with `crate`, whatever they began with.
    pub path: Vec<String>,
    pub line: usize,
    /// It stands in an item that is compiled for tests only.
    pub test: bool,
    /// It is a `use` that others can use.
    pub exported: bool,
    /// It is followed by `::*`.
    pub glob: bool,
}

/// A source file.
#[derive(Debug)]
pub struct Source {
    pub file: String,
    /// Its module; `main` and `lib` for the roots.
    pub module: Vec<String>,
    pub found: Vec<Found>,
    /// Modules declared here for tests only.
    pub test_modules: Vec<Vec<String>>,
    /// Ways round the folders, which the rules are made of.
    pub detours: Vec<(usize, String)>,
}

impl Source {
    /// Reads `text`, the content of `file` (from the root of the project).
    pub fn read(file: &str, text: &str) -> syn::Result<Self> {
        let parsed = syn::parse_file(text)?;
        let name = file.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
        let module: Vec<String> = name.split('/').map(str::to_owned).collect();
        let home = if matches!(name, "main" | "lib") { Vec::new() } else { module.clone() };
        let mut names = Names::of(&parsed.items);
        if home.is_empty() {
            names.root(&parsed.items);
        }
        let mut reader = Reader {
            module: home,
            names: vec![names],
            tests: 0,
            source: Self {
                file: file.to_owned(),
                module,
                found: Vec::new(),
                test_modules: Vec::new(),
                detours: Vec::new(),
            },
        };
        reader.visit_file(&parsed);
        Ok(reader.source)
    }
}

/// What the imports of one module call things, unresolved.
#[derive(Default)]
struct Names(HashMap<String, Vec<String>>);

impl Names {
    fn of(items: &[syn::Item]) -> Self {
        let mut names = Self::default();
        for item in items {
            names.visit_item(item);
        }
        names
    }

    /// At the root, our modules can be named without `crate`.
    fn root(&mut self, items: &[syn::Item]) {
        for item in items {
            if let syn::Item::Mod(item) = item {
                let name = item.ident.to_string();
                self.0.insert(name.clone(), vec!["crate".to_owned(), name]);
            }
        }
    }
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        leaves(&item.tree, &mut Vec::new(), &mut |leaf| {
            if let Some(name) = leaf.name {
                self.0.insert(name, leaf.path);
            }
        });
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        if let syn::Type::Path(path) = &*item.ty {
            self.0.insert(item.ident.to_string(), parts(&path.path));
        }
    }

    fn visit_item_mod(&mut self, _: &'ast syn::ItemMod) {
        // It has names of its own.
    }
}

/// One name that a `use` tree brings.
struct Leaf {
    path: Vec<String>,
    /// What it is called here; none for a glob.
    name: Option<String>,
    span: Span,
}

fn leaves(tree: &syn::UseTree, before: &mut Vec<String>, each: &mut impl FnMut(Leaf)) {
    match tree {
        syn::UseTree::Path(path) => {
            before.push(path.ident.to_string());
            leaves(&path.tree, before, each);
            before.pop();
        }
        syn::UseTree::Group(group) => group.items.iter().for_each(|item| leaves(item, before, each)),
        syn::UseTree::Glob(glob) => each(Leaf { path: before.clone(), name: None, span: glob.span() }),
        syn::UseTree::Name(name) => each(leaf(before, &name.ident, &name.ident)),
        syn::UseTree::Rename(rename) => each(leaf(before, &rename.ident, &rename.rename)),
    }
}

fn leaf(before: &[String], ident: &syn::Ident, called: &syn::Ident) -> Leaf {
    let mut path = before.to_vec();
    // `use a::{self}` is `use a`.
    if ident != "self" || path.is_empty() {
        path.push(ident.to_string());
    }
    let name = if called == "self" { path.last().cloned() } else { Some(called.to_string()) };
    Leaf { path, name, span: ident.span() }
}

fn parts(path: &syn::Path) -> Vec<String> {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect()
}

struct Reader {
    /// The module that we are in, without the name of the root.
    module: Vec<String>,
    /// The names of this module and of those around it in the file: a glob import from the parent is common, and to see
    /// more names than there are only finds more.
    names: Vec<Names>,
    /// How many of the items around us are for tests only.
    tests: usize,
    source: Source,
}

impl Reader {
    fn find(&mut self, path: Vec<String>, span: Span, exported: bool, glob: bool) {
        let path = self.resolve(path);
        let found = Found { path, line: span.start().line, test: self.tests > 0, exported, glob };
        if !self.source.found.contains(&found) {
            self.source.found.push(found);
        }
    }

    fn resolve(&self, mut path: Vec<String>) -> Vec<String> {
        // As deep as one import may rename another; a circle ends here too.
        for _ in 0..8 {
            let Some(first) = path.first().cloned() else { break };
            let known = self.names.iter().rev().find_map(|names| names.0.get(&first));
            match (first.as_str(), known) {
                ("crate", _) => break,
                ("tenantry", _) => "crate".clone_into(&mut path[0]),
                ("self", _) => return self.up_from_here(0, &path[1..]),
                ("super", _) => {
                    let up = path.iter().take_while(|part| *part == "super").count();
                    return self.up_from_here(up, &path[up..]);
                }
                // `use a::a` names itself.
                (_, Some(target)) if *target != path[..1] => path.splice(..1, target.iter().cloned()).for_each(drop),
                _ => break,
            }
        }
        path
    }

    fn up_from_here(&self, up: usize, rest: &[String]) -> Vec<String> {
        let base = &self.module[..self.module.len().saturating_sub(up)];
        ["crate".to_owned()].iter().chain(base).chain(rest).cloned().collect()
    }

    /// The paths that stand in the tokens of a macro or an attribute: all that is joined by `::`.
    fn tokens(&mut self, tokens: TokenStream, literals: bool) {
        let mut run: Option<(Vec<String>, Span)> = None;
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Ident(ident) => {
                    if colons == 2
                        && let Some((path, _)) = &mut run
                    {
                        path.push(ident.to_string());
                    } else {
                        self.end_run(run.take());
                        run = Some((vec![ident.to_string()], ident.span()));
                    }
                    colons = 0;
                }
                other => {
                    self.end_run(run.take());
                    colons = 0;
                    match other {
                        TokenTree::Group(group) => {
                            self.use_group(&group);
                            self.tokens(group.stream(), literals);
                        }
                        TokenTree::Literal(literal) if literals => self.literal(&literal),
                        _ => {}
                    }
                }
            }
        }
        self.end_run(run);
    }

    fn end_run(&mut self, run: Option<(Vec<String>, Span)>) {
        if let Some((path, span)) = run.filter(|(path, _)| path.len() > 1) {
            self.find(path, span, false, false);
        }
    }

    /// `use` items inside a macro's braces are items all the same.
    fn use_group(&mut self, group: &proc_macro2::Group) {
        if group.delimiter() == Delimiter::Brace
            && let Ok(file) = syn::parse2::<syn::File>(group.stream())
        {
            for item in &file.items {
                if let syn::Item::Use(item) = item {
                    self.visit_item_use(item);
                }
            }
        }
    }

    /// serde's attributes name functions in strings.
    fn literal(&mut self, literal: &proc_macro2::Literal) {
        let text = literal.to_string();
        let path = text.trim_matches('"');
        if path.contains("::")
            && path.split("::").all(|part| syn::parse_str::<syn::Ident>(part).is_ok() || part == "crate")
        {
            self.find(path.split("::").map(str::to_owned).collect(), literal.span(), false, false);
        }
    }

    fn detour(&mut self, span: Span, what: &str) {
        self.source.detours.push((span.start().line, format!("{what}: a module stands where its name says")));
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let test = usize::from(attributes(item).iter().any(for_tests));
        self.tests += test;
        visit::visit_item(self, item);
        self.tests -= test;
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.module.push(item.ident.to_string());
        if item.attrs.iter().any(|attribute| attribute.path().is_ident("path")) {
            self.detour(item.span(), "`#[path]`");
        }
        if let Some((_, items)) = &item.content {
            self.names.push(Names::of(items));
            visit::visit_item_mod(self, item);
            self.names.pop();
        } else {
            if self.tests > 0 {
                self.source.test_modules.push(self.module.clone());
            }
            item.attrs.iter().for_each(|attribute| self.visit_attribute(attribute));
        }
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let exported = !matches!(item.vis, syn::Visibility::Inherited);
        let mut all = Vec::new();
        leaves(&item.tree, &mut Vec::new(), &mut |leaf| all.push(leaf));
        for leaf in all {
            let glob = leaf.name.is_none();
            self.find(leaf.path, leaf.span, exported, glob);
        }
    }

    fn visit_item_extern_crate(&mut self, item: &'ast syn::ItemExternCrate) {
        self.find(vec![item.ident.to_string()], item.ident.span(), false, false);
    }

    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {
        // `pub(crate)` names no module.
    }

    fn visit_type_path(&mut self, path: &'ast syn::TypePath) {
        self.qualified(path.qself.as_ref(), &path.path);
        visit::visit_type_path(self, path);
    }

    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        self.qualified(path.qself.as_ref(), &path.path);
        visit::visit_expr_path(self, path);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.find(parts(path), path.span(), false, false);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        if mac.path.is_ident("include") {
            self.detour(mac.span(), "`include!`");
        }
        self.visit_path(&mac.path);
        self.tokens(mac.tokens.clone(), false);
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if attribute.path().is_ident("doc") {
            return;
        }
        self.visit_path(attribute.path());
        match &attribute.meta {
            syn::Meta::List(list) => self.tokens(list.tokens.clone(), true),
            syn::Meta::NameValue(pair) => self.visit_expr(&pair.value),
            syn::Meta::Path(_) => {}
        }
    }
}

impl Reader {
    /// `<T>::now` is `T::now`.
    fn qualified(&mut self, qself: Option<&syn::QSelf>, path: &syn::Path) {
        if let Some(qself) = qself
            && qself.position == 0
            && let syn::Type::Path(ty) = &*qself.ty
        {
            let whole = parts(&ty.path).into_iter().chain(parts(path)).collect();
            self.find(whole, path.span(), false, false);
        }
    }
}

/// Whether an attribute makes its item one for tests only.
fn for_tests(attribute: &syn::Attribute) -> bool {
    let is_test = |path: &syn::Path| path.segments.last().is_some_and(|last| last.ident == "test");
    if attribute.path().is_ident("cfg") {
        attribute.parse_args::<syn::Meta>().is_ok_and(|condition| match condition {
            syn::Meta::Path(path) => path.is_ident("test"),
            syn::Meta::List(list) if list.path.is_ident("all") => {
                list.tokens.into_iter().any(|token| matches!(token, TokenTree::Ident(ident) if ident == "test"))
            }
            _ => false,
        })
    } else {
        is_test(attribute.path())
    }
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
