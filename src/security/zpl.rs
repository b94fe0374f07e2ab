//! ZPL, the format of certificate files, as far as they use it: [RFC 4](https://rfc.zeromq.org/spec/4/).
//!
//! A line is a name, perhaps with a value; four spaces more put it below the one before.

/// One line that says something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Line<'a> {
    /// From 1.
    pub(super) number: usize,
    /// From 0, for a line that is not indented.
    pub(super) level: usize,
    pub(super) name: &'a str,
    pub(super) value: Option<&'a str>,
}

/// What is wrong with a text, and in which line, from 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Problem {
    pub(super) line: usize,
    pub(super) what: &'static str,
}

/// The lines that say something.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Result<Line<'_>, Problem>> {
    let mut deepest = 0;
    // Some editors put a mark of the encoding before the text.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.lines().enumerate().filter_map(move |(index, line)| {
        let problem = |what| Some(Err(Problem { line: index + 1, what }));
        match read(line) {
            Ok(None) => None,
            Ok(Some((level, ..))) if level > deepest => {
                problem("it is indented deeper than the line before allows")
            }
            Ok(Some((level, name, value))) => {
                deepest = level + 1;
                Some(Ok(Line { number: index + 1, level, name, value }))
            }
            Err(what) => problem(what),
        }
    })
}

type Parts<'a> = (usize, &'a str, Option<&'a str>);

fn read(line: &str) -> Result<Option<Parts<'_>>, &'static str> {
    let rest = line.trim_start_matches(' ');
    let indent = line.len() - rest.len();
    if is_over(rest) {
        return Ok(None);
    }
    let end = rest.find(|character| !is_of_name(character)).unwrap_or(rest.len());
    let (name, rest) = rest.split_at(end);
    if name.is_empty() {
        return Err("it begins with no name");
    }
    if !indent.is_multiple_of(4) {
        return Err("it is not indented by a multiple of four spaces");
    }
    let rest = rest.trim_start();
    let value = match rest.strip_prefix('=') {
        Some(value) => Some(read_value(value.trim())?),
        None if is_over(rest) => None,
        None => return Err("a name is followed by something else than = and a value"),
    };
    Ok(Some((indent / 4, name, value)))
}

fn read_value(text: &str) -> Result<&str, &'static str> {
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            let (value, rest) = quoted.split_once(quote).ok_or("a quoted value does not end")?;
            return if is_over(rest) {
                Ok(value)
            } else {
                Err("a quoted value is followed by something else")
            };
        }
    }
    // A comment may follow.
    Ok(text.split('#').next().unwrap_or_default().trim_end())
}

/// Whether nothing, or a comment, is left.
fn is_over(rest: &str) -> bool {
    let rest = rest.trim_start();
    rest.is_empty() || rest.starts_with('#')
}

fn is_of_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || "$-_@.&+/".contains(character)
}

/// Whether a name can be written.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(is_of_name)
}

/// The quotes that a value can be written in.
pub(super) fn quote_for(value: &str) -> Option<char> {
    if value.contains(char::is_control) {
        return None;
    }
    quote_not_in(value)
}

/// The quotes that end such a value.
pub(super) fn quote_not_in(value: &str) -> Option<char> {
    ['"', '\''].into_iter().find(|&quote| !value.contains(quote))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(line: &str) -> Result<Option<(&str, Option<&str>)>, &'static str> {
        read(line).map(|parts| parts.map(|(_, name, value)| (name, value)))
    }

    #[test]
    fn values_are_quoted_or_not() {
        assert_eq!(one("a = \"b # c\" # d"), Ok(Some(("a", Some("b # c")))));
        assert_eq!(one("a='b\"'"), Ok(Some(("a", Some("b\"")))));
        assert_eq!(one("a = b c # d"), Ok(Some(("a", Some("b c")))));
        assert_eq!(one("a ="), Ok(Some(("a", Some("")))));
        assert_eq!(one("a # b"), Ok(Some(("a", None))));
        assert_eq!(one("   # only a comment"), Ok(None));
        assert_eq!(one(""), Ok(None));
    }

    #[test]
    fn problems_are_told() {
        for (line, what) in [
            ("a = \"b", "does not end"),
            ("a = 'b", "does not end"),
            ("a = \"b\" c", "followed by something else"),
            ("= b", "no name"),
            ("\ta = b", "no name"),
            ("  a = b", "multiple of four"),
            ("a b", "something else than ="),
            ("\u{e9} = b", "no name"),
        ] {
            assert!(one(line).unwrap_err().contains(what), "{line}: {:?}", one(line));
        }
        let problems: Vec<_> = lines("a\n\n        b\n").filter_map(Result::err).collect();
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].line, 3);
    }

    #[test]
    fn what_is_written_is_read() {
        for value in ["", "plain", "with 'apostrophes'", "with \"quotes\"", "a # b", " spaces "] {
            let quote = quote_for(value).unwrap();
            assert_eq!(one(&format!("name = {quote}{value}{quote}")), Ok(Some(("name", Some(value)))));
        }
        assert_eq!(quote_for("'\""), None);
        assert_eq!(quote_for("a\nb"), None);
    }

    #[test]
    fn no_text_panics() {
        let pieces =
            ["a", "=", " ", "    ", "\"", "'", "#", "\n", "\r\n", "\t", "\0", "\u{e9}", "\u{feff}", "-"];
        for first in pieces {
            for second in pieces {
                for third in pieces {
                    for fourth in pieces {
                        let text = [first, second, third, fourth].concat();
                        assert!(lines(&text).count() <= 4, "{text:?}");
                    }
                }
            }
        }
    }
}
