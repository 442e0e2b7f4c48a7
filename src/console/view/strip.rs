//! The strip on top: who and where, whether writes pass, how fresh the screen is. Context, user, namespace and RW/RO are
//! always there.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Side;
use super::layout::SIDE_BY_SIDE;
use super::theme::Theme;
use crate::console::model::columns::class_ink;
use crate::console::model::page::Ink;
use crate::text::age::{age, until};
use crate::text::width::{cut_middle, width};
use crate::world::Link;
use crate::world::freshness::Freshness;
use crate::world::identity::Expiry;

/// One part of the strip.
struct Part {
    style: Style,
    text: String,
    /// What goes first when space shrinks: the highest. 0 stays.
    drop: u8,
}

/// Draws the strip.
pub fn draw(side: Side<'_>, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    if area.height == 0 {
        return;
    }
    let opening = side.opening;
    let place = opening.world.place.clone().unwrap_or_default();
    let context = if place.context.is_empty() {
        opening.asked_context.clone().unwrap_or_else(|| "no context".to_owned())
    } else {
        place.context.clone()
    };
    // Beside, only the frames and this tell where keys go.
    let head = theme.ink(if side.has_keys { Ink::Head } else { Ink::Dim });
    let plain = theme.ink(Ink::Text);
    let dim = theme.ink(Ink::Dim);
    let identity = opening.world.identity.as_ref();
    let (acting, ink) =
        if place.acting_as.is_some() { ("acting as ", theme.ink(Ink::Warn)) } else { ("", theme.ink(Ink::Text)) };
    let user = identity.map_or_else(|| "user not known yet".to_owned(), |who| format!("{acting}{}", who.username));
    let groups = identity.map(|who| who.groups.join(", ")).filter(|groups| !groups.is_empty());
    let standing = opening.world.standing().map(|standing| standing.words());
    let namespace = opening.namespace.as_deref().unwrap_or("default").to_owned();

    let context = Part { style: head, text: context, drop: 0 };
    let server = Part { style: dim, text: place.server, drop: 2 };
    let user = Part { style: ink, text: user, drop: 0 };
    let groups = Part { style: dim, text: groups.map(|groups| format!("({groups})")).unwrap_or_default(), drop: 3 };
    let standing = Part { style: plain, text: standing.unwrap_or_default(), drop: 1 };
    let namespace = Part { style: head, text: namespace, drop: 0 };
    let badges = badges(side, theme);

    if area.width >= SIDE_BY_SIDE || area.height < 2 {
        let parts = vec![context, server, user, groups, standing, namespace];
        line(parts, &badges, theme, Rect { height: 1, ..area }, buffer);
    } else {
        line(vec![context, server, namespace], &badges, theme, Rect { height: 1, ..area }, buffer);
        line(vec![user, groups, standing], &[], theme, Rect { y: area.y + 1, height: 1, ..area }, buffer);
    }
}

/// What this context was called, whether it is a demo, whether it is seen as somebody else, `RW` or `RO`, and how fresh the screen is.
fn badges(side: Side<'_>, theme: &Theme) -> Vec<(Style, String)> {
    let Side { model, opening, has_keys } = side;
    let mode = if opening.read_only {
        (theme.badge(Ink::Ok), " RO ".to_owned())
    } else {
        (theme.ink(Ink::Head), "RW".to_owned())
    };
    let place = opening.world.place.as_ref();
    let acting = place.and_then(|place| place.acting_as.as_ref());
    let acting = acting.map(|_| (theme.badge(Ink::Warn), " ▸ acting ".to_owned()));
    let demo = place.is_some_and(|place| place.is_demo);
    let class = opening.class.as_ref().map(|class| (theme.badge(class_ink(class.colour)), format!(" {class} ")));
    // Both stay until the context is opened anew: nothing here goes by what somebody else has written.
    let entry = opening.entry_changed.as_ref().map(|_| (theme.badge(Ink::Warn), " entry changed ".to_owned()));
    let switched = opening.switched.as_ref();
    let switched = switched.map(|name| (theme.badge(Ink::Warn), format!(" current is {} ", cut_middle(name, 20))));
    let trials = match model.trials_of(opening).len() {
        0 => None,
        1 => Some((theme.badge(Ink::Warn), " 1 on trial ".to_owned())),
        more => Some((theme.badge(Ink::Warn), format!(" {more} on trial "))),
    };
    // What has no room beside is not forgotten.
    let beside = model.put_beside().filter(|_| has_keys && !model.has_room_beside());
    let beside = beside.map(|other| (theme.ink(Ink::Dim), format!("beside {}", cut_middle(other.context(), 20))));
    let demo = demo.then(|| (theme.badge(Ink::Head), " DEMO ".to_owned()));
    let now = model.seconds();
    let fresh = match (&opening.world.link, opening.world.freshness()) {
        _ if opening.unopened.is_some() => (theme.badge(Ink::Danger), " not open ".to_owned()),
        (Link::Down { since, .. }, _) => (theme.badge(Ink::Danger), format!(" no answer {} ", age(now - since))),
        (_, Freshness::Stale { since, .. }) => (theme.badge(Ink::Warn), format!(" stale {} ", age(now - since))),
        (_, Freshness::Failing { .. }) => (theme.ink(Ink::Danger), "failing".to_owned()),
        (_, Freshness::Loading) => (theme.ink(Ink::Dim), "loading".to_owned()),
        _ => (theme.ink(Ink::Ok), "live".to_owned()),
    };
    let expiry = place.map(|place| place.proof.validity().expiry(now));
    let expiry = match expiry {
        Some(Expiry::Soon(end)) => Some((theme.badge(Ink::Warn), format!(" expires {} ", until(end - now)))),
        Some(Expiry::Over(_)) => Some((theme.badge(Ink::Danger), " credential expired ".to_owned())),
        Some(Expiry::Far) | None => None,
    };
    class
        .into_iter()
        .chain(demo)
        .chain(switched)
        .chain(entry)
        .chain(expiry)
        .chain(trials)
        .chain(beside)
        .chain(acting)
        .chain([mode, fresh])
        .collect()
}

/// Draws parts joined by arrows, badges to the right. What does not fit goes in order; then the longest is cut.
fn line(parts: Vec<Part>, badges: &[(Style, String)], theme: &Theme, area: Rect, buffer: &mut Buffer) {
    const ARROW: &str = " ▸ ";
    let badge_room: usize = badges.iter().map(|(_, text)| width(text) + 2).sum();
    let room = (area.width as usize).saturating_sub(badge_room + 1);
    let mut parts: Vec<Part> = parts.into_iter().filter(|part| !part.text.is_empty()).collect();
    let total = |parts: &[Part]| -> usize {
        parts.iter().map(|part| width(&part.text) + width(ARROW)).sum::<usize>().saturating_sub(width(ARROW))
    };
    while total(&parts) > room {
        let Some(at) = (0..parts.len()).filter(|at| parts[*at].drop > 0).max_by_key(|at| parts[*at].drop) else {
            break;
        };
        parts.remove(at);
    }
    while total(&parts) > room {
        let Some(longest) = parts.iter_mut().max_by_key(|part| width(&part.text)) else { break };
        let wide = width(&longest.text);
        if wide <= 4 {
            break;
        }
        longest.text = cut_middle(&longest.text, wide - 1);
    }
    let mut x = area.x + 1.min(area.width);
    let end = area.x + area.width;
    for (at, part) in parts.iter().enumerate() {
        // Groups stand in brackets after the user and need no arrow.
        let gap = if part.text.starts_with('(') { " " } else { ARROW };
        if at > 0 {
            x = buffer.set_stringn(x, area.y, gap, end.saturating_sub(x) as usize, theme.ink(Ink::Dim)).0;
        }
        x = buffer.set_stringn(x, area.y, &part.text, end.saturating_sub(x) as usize, part.style).0;
    }
    let mut x = end.saturating_sub(badge_room as u16);
    for (style, text) in badges {
        x = buffer.set_stringn(x, area.y, text, end.saturating_sub(x) as usize, *style).0 + 2;
    }
}
