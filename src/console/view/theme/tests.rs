use std::collections::BTreeSet;

use super::file::{Rgb, ThemeFile, luminance};
use super::palette::indexed;
use super::{Looks, Palette, Theme, Wish, looks, shipped};
use crate::console::model::page::Ink;
use ratatui::style::Color;

/// WCAG 2.2's contrast of two colours, from 1 to 21.
fn contrast(one: Rgb, other: Rgb) -> f64 {
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    one.max(other) / one.min(other)
}

fn rgb(colour: Color) -> Rgb {
    match colour {
        Color::Rgb(red, green, blue) => (red, green, blue),
        Color::Indexed(number) => indexed(number),
        other => panic!("{other} is the terminal's choice"),
    }
}

fn inks(theme: &Theme) -> Vec<Option<Color>> {
    let inks = [Ink::Dim, Ink::Ok, Ink::Warn, Ink::Danger, Ink::Added, Ink::Removed];
    let more = [theme.frame(true).fg, theme.matched().fg, theme.colours.text];
    inks.iter().map(|ink| theme.ink(*ink).fg).chain(more).collect()
}

#[test]
fn every_shipped_theme_can_be_read() {
    assert!(shipped::TEXTS.len() >= 9);
    for (name, text) in shipped::TEXTS {
        let theme = ThemeFile::parse(text, name).unwrap_or_else(|fault| panic!("{fault}"));
        assert!(!theme.about.is_empty(), "{name}");
        assert_eq!(looks::check(name), Ok(()));
    }
}

#[test]
fn everything_can_be_read_on_the_ground_that_it_was_made_for() {
    for (name, _) in shipped::TEXTS.iter().filter(|(name, _)| *name != "terminal") {
        let file = shipped::theme(name).unwrap();
        let least = if name.starts_with("contrast") { 7.0 } else { 4.5 };
        for palette in [Palette::True, Palette::Ansi256] {
            let theme = Theme::new(&file, palette, false);
            for (at, ink) in inks(&theme).into_iter().enumerate() {
                let Some(ink) = ink else {
                    assert!(at == 8 && !file.paint, "{name} has no colour {at}");
                    continue;
                };
                for ground in &file.grounds {
                    // A painted ground is the palette's, too.
                    let ground = if file.paint { rgb(theme.ground.unwrap()) } else { ground.0 };
                    let contrast = contrast(rgb(ink), ground);
                    assert!(contrast >= least, "{name} {palette}: colour {at} {ink} has {contrast:.2} on {ground:?}");
                }
            }
        }
    }
}

/// What an eye without cones of one kind sees, in linear light: Machado, Oliveira and Fernandes 2009, severity 1.
const PROTANOPIA: [[f64; 3]; 3] =
    [[0.152_286, 1.052_583, -0.204_868], [0.114_503, 0.786_281, 0.099_216], [-0.003_882, -0.048_116, 1.051_998]];
const DEUTERANOPIA: [[f64; 3]; 3] =
    [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]];

/// How far apart two colours are for such an eye: the distance in CIE L*a*b* (D65), where 2 can just be told apart.
fn apart(one: Rgb, other: Rgb, eye: &[[f64; 3]; 3]) -> f64 {
    let seen = |(red, green, blue): Rgb| {
        // Luminance of a grey is its linear light.
        let linear = [red, green, blue].map(|part| luminance((part, part, part)));
        let sum = |row: &[f64; 3]| row.iter().zip(linear).map(|(a, b)| a * b).sum::<f64>().clamp(0.0, 1.0);
        let light = [sum(&eye[0]), sum(&eye[1]), sum(&eye[2])];
        let mix = |parts: [f64; 3]| parts.iter().zip(light).map(|(part, light)| part * light).sum::<f64>();
        let x = mix([0.4124, 0.3576, 0.1805]) / 0.9505;
        let y = mix([0.2126, 0.7152, 0.0722]);
        let z = mix([0.0193, 0.1192, 0.9505]) / 1.089;
        let f = |t: f64| if t > 0.008_856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 };
        [116.0 * f(y) - 16.0, 500.0 * (f(x) - f(y)), 200.0 * (f(y) - f(z))]
    };
    seen(one).iter().zip(seen(other)).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

#[test]
fn eyes_that_tell_red_from_green_badly_tell_states_apart() {
    for name in ["blue-orange", "blue-orange-light"] {
        let theme = Theme::new(&shipped::theme(name).unwrap(), Palette::True, false);
        let states = [Ink::Ok, Ink::Warn, Ink::Danger].map(|ink| rgb(theme.ink(ink).fg.unwrap()));
        for eye in [PROTANOPIA, DEUTERANOPIA] {
            for (one, other) in [(0, 1), (0, 2), (1, 2)] {
                let apart = apart(states[one], states[other], &eye);
                assert!(apart > 20.0, "{name}: {one} and {other} are {apart:.1} apart");
            }
        }
    }
}

#[test]
fn without_colour_there_is_none() {
    for (name, _) in shipped::TEXTS {
        let theme = Theme::new(&shipped::theme(name).unwrap(), Palette::Off, false);
        assert!(inks(&theme).iter().all(Option::is_none) && theme.ground.is_none(), "{name}");
    }
}

#[test]
fn the_16_colours_are_named_ones() {
    for (name, _) in shipped::TEXTS {
        let theme = Theme::new(&shipped::theme(name).unwrap(), Palette::Ansi16, false);
        let named = |colour: &Color| !matches!(colour, Color::Rgb(..) | Color::Indexed(_));
        assert!(inks(&theme).iter().flatten().all(named), "{name}");
        let states: BTreeSet<String> =
            [Ink::Ok, Ink::Warn, Ink::Danger].iter().map(|ink| format!("{:?}", theme.ink(*ink).fg)).collect();
        assert_eq!(states.len(), 3, "{name}");
    }
}

#[test]
fn the_theme_follows_the_terminal_unless_one_is_named() {
    let mut looks = Looks::new(Wish::default(), Palette::Ansi16);
    assert_eq!(looks.name(), "terminal");
    looks.terminal = Palette::True;
    assert_eq!(looks.name(), "dark");
    looks.set_ground((0xfd, 0xf6, 0xe3));
    assert_eq!(looks.name(), "light");
    looks.wish.theme = Some("moss".into());
    assert_eq!(looks.name(), "moss");
    looks.context = Some("contrast".into());
    assert_eq!(looks.name(), "contrast");
    assert!(looks::check("mos").unwrap_err().starts_with("there is no theme mos; did you mean moss?"));
}

#[test]
fn a_mistake_in_a_theme_is_told_with_its_place() {
    let wrong = |text: &str| ThemeFile::parse(text, "theme.toml").unwrap_err().to_string();
    assert!(wrong("grounds = [\"#00\"]\n[colours]\n").starts_with("theme.toml:1:"), "a colour");
    assert!(wrong("grounds = []\n[colours]\n").starts_with("theme.toml:1:11: a theme names the ground"));
    assert!(
        wrong("grounds = [\"#000000\"]\n[colours]\nbad = \"#000000\"\n").starts_with("theme.toml:3:1: unknown field")
    );
    assert!(wrong("grounds = [\"#000000\"]\n[colours]\n[ansi]\nok = \"#00ff00\"\n").contains("none of the 16"));
}
