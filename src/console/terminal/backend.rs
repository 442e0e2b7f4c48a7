//! A backend whose frames reach the terminal whole, or not at all when nothing in them changed.

use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::queue;
use crossterm::style::Colored;
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};
use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use ratatui::style::Color;
use std::io::{self, Write};

/// ratatui's crossterm backend with four differences:
///
/// - a frame is collected and leaves in one write, between the marks of a synchronized update, so that no terminal shows
///   half of it;
/// - a frame without a changed cell writes no byte, where the original hides the cursor and resets the colours each time;
/// - the position of the cursor is remembered. The original asks the terminal for it at each resize, waits for the answer
///   up to two seconds, and competes for it with the reader of the keyboard;
/// - without colours (`NO_COLOR`) bold and reverse stay. crossterm writes an empty colour then, which a terminal takes for
///   "reset everything", so that the cells must ask for none.
pub struct Steady<W: Write> {
    out: W,
    frame: Vec<u8>,
    colours: bool,
    /// Whether the cursor is shown, once we know.
    shown: Option<bool>,
    /// Where we put the cursor; printing moves it on.
    at: Option<Position>,
}

impl<W: Write> Steady<W> {
    /// A backend that writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out, frame: Vec::new(), colours: !Colored::ansi_color_disabled_memoized(), shown: None, at: None }
    }

    fn crossterm(&mut self) -> CrosstermBackend<&mut Vec<u8>> {
        CrosstermBackend::new(&mut self.frame)
    }

    /// Shows or hides the cursor unless it is so already.
    fn show(&mut self, show: bool) -> io::Result<()> {
        if self.shown.replace(show) == Some(show) {
            return Ok(());
        }
        if show { queue!(self.frame, Show) } else { queue!(self.frame, Hide) }
    }
}

impl<W: Write> Backend for Steady<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut content = content.peekable();
        if content.peek().is_none() {
            return Ok(());
        }
        self.at = None;
        if self.colours {
            return self.crossterm().draw(content);
        }
        let plain: Vec<_> = content.map(|(x, y, cell)| (x, y, without_colours(cell))).collect();
        self.crossterm().draw(plain.iter().map(|(x, y, cell)| (*x, *y, cell)))
    }

    fn append_lines(&mut self, lines: u16) -> io::Result<()> {
        self.at = None;
        self.crossterm().append_lines(lines)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.show(false)
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.show(true)
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.at.unwrap_or(Position::ORIGIN))
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let position = position.into();
        if self.at.replace(position) == Some(position) {
            return Ok(());
        }
        queue!(self.frame, MoveTo(position.x, position.y))
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        // The screen is cleared when it was lost to another program, and then nothing is known of the cursor either.
        self.shown = None;
        self.at = None;
        self.crossterm().clear_region(region)
    }

    fn size(&self) -> io::Result<Size> {
        CrosstermBackend::new(io::sink()).size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.crossterm().window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.frame.is_empty() {
            return Ok(());
        }
        let mut whole = Vec::with_capacity(self.frame.len() + 16);
        queue!(whole, BeginSynchronizedUpdate)?;
        whole.append(&mut self.frame);
        queue!(whole, EndSynchronizedUpdate)?;
        self.out.write_all(&whole)?;
        self.out.flush()
    }
}

fn without_colours(cell: &Cell) -> Cell {
    let mut plain = cell.clone();
    plain.fg = Color::Reset;
    plain.bg = Color::Reset;
    plain.underline_color = Color::Reset;
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;
    use ratatui::style::Style;
    use ratatui::text::Line;
    use ratatui::{Terminal, TerminalOptions, Viewport};

    fn terminal() -> Terminal<Steady<Vec<u8>>> {
        let viewport = Viewport::Fixed(Rect::new(0, 0, 20, 3));
        Terminal::with_options(Steady::new(Vec::new()), TerminalOptions { viewport }).unwrap()
    }

    /// Draws `text` and a cursor, and says what was written.
    fn draw(terminal: &mut Terminal<Steady<Vec<u8>>>, text: &str, cursor: Option<(u16, u16)>) -> String {
        let draw = |frame: &mut ratatui::Frame<'_>| {
            frame.render_widget(text, frame.area());
            if let Some(cursor) = cursor {
                frame.set_cursor_position(cursor);
            }
        };
        terminal.draw(draw).unwrap();
        String::from_utf8(std::mem::take(&mut terminal.backend_mut().out)).unwrap()
    }

    #[test]
    fn a_frame_is_one_synchronized_update() {
        let mut terminal = terminal();
        let written = draw(&mut terminal, "oil", Some((2, 1)));
        assert!(written.starts_with("\x1b[?2026h"), "{written:?}");
        assert!(written.ends_with("\x1b[?2026l"), "{written:?}");
        assert!(
            written.contains("oil") && written.contains("\x1b[?25h") && written.contains("\x1b[2;3H"),
            "{written:?}"
        );
        assert_eq!(written.matches("2026").count(), 2);
    }

    #[test]
    fn a_frame_without_a_change_writes_nothing() {
        let mut terminal = terminal();
        for cursor in [None, Some((2, 1))] {
            draw(&mut terminal, "oil", cursor);
            assert_eq!(draw(&mut terminal, "oil", cursor), "", "cursor {cursor:?}");
        }
    }

    #[test]
    fn the_cursor_is_put_back_after_cells_were_drawn() {
        let mut terminal = terminal();
        draw(&mut terminal, "oil", Some((2, 1)));
        let written = draw(&mut terminal, "gas", Some((2, 1)));
        assert!(written.contains("\x1b[2;3H") && !written.contains("\x1b[?25"), "{written:?}");
    }

    #[test]
    fn after_a_clear_all_is_written_again() {
        let mut terminal = terminal();
        draw(&mut terminal, "oil", None);
        // A fixed viewport clears its own cells only; the whole screen is cleared by the backend.
        terminal.backend_mut().clear().unwrap();
        terminal.clear().unwrap();
        let written = draw(&mut terminal, "oil", None);
        assert!(written.contains("oil") && written.contains("\x1b[?25l"), "{written:?}");
        assert!(!written.contains("\x1b[6n"), "the terminal is never asked where its cursor is: {written:?}");
    }

    #[test]
    fn attributes_stay_without_colours() {
        let mut terminal = terminal();
        terminal.backend_mut().colours = false;
        let marked = Line::from("oil").style(Style::new().fg(Color::Red).bg(Color::Blue).reversed());
        terminal.draw(|frame| frame.render_widget(&marked, frame.area())).unwrap();
        let mut screen = vt100::Parser::new(3.try_into().unwrap(), 20.try_into().unwrap(), 0);
        screen.process(&terminal.backend().out);
        let cell = screen.screen().cell(0, 0).unwrap();
        assert_eq!(
            (cell.inverse(), cell.fgcolor(), cell.bgcolor()),
            (true, vt100::Color::Default, vt100::Color::Default)
        );
    }
}
