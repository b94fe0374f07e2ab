//! The subset of ZPL ([RFC 4](https://rfc.zeromq.org/spec/4/)) that certificate files use.
//!
//! A line is a name, with or without a value. A line that is indented by four more spaces than the previous line belongs to the
//! previous line.

/// A line with content.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Line<'a> {
    /// The number of the line, starting at 1.
    pub(super) number: usize,
    /// The indentation divided by four.
    pub(super) level: usize,
    pub(super) name: &'a str,
    pub(super) value: Option<&'a str>,
}

/// A syntax error, and the number of its line, which starts at 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Problem {
    pub(super) line: usize,
    pub(super) what: &'static str,
}

/// The lines with content.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Result<Line<'_>, Problem>> {
    let mut deepest = 0;
    // Some editors put a byte order mark before the text.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.lines().enumerate().filter_map(move |(index, line)| {
        let problem = |what| Some(Err(Problem { line: index + 1, what }));
        match read(line) {
            Ok(None) => None,
            Ok(Some((level, ..))) if level > deepest => {
                problem("the line is indented too deeply below the previous line")
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
        return Err("the line does not begin with a name");
    }
    if indent % 4 != 0 {
        return Err("the indentation is not a multiple of four spaces");
    }
    let rest = rest.trim_start();
    let value = match rest.strip_prefix('=') {
        Some(value) => Some(read_value(value.trim())?),
        None if is_over(rest) => None,
        None => return Err("the name is not followed by = and a value"),
    };
    Ok(Some((indent / 4, name, value)))
}

fn read_value(text: &str) -> Result<&str, &'static str> {
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            let (value, rest) = quoted.split_once(quote).ok_or("the quoted value has no closing quote")?;
            return if is_over(rest) { Ok(value) } else { Err("the quoted value is followed by other text") };
        }
    }
    // A comment may follow.
    Ok(text.split('#').next().unwrap_or_default().trim_end())
}

/// Whether the rest is empty or a comment.
fn is_over(rest: &str) -> bool {
    let rest = rest.trim_start();
    rest.is_empty() || rest.starts_with('#')
}

fn is_of_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || "$-_@.&+/".contains(character)
}

/// Whether the format allows this name.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(is_of_name)
}

/// Returns the quote character in which a new value can be written.
pub(super) fn quote_for(value: &str) -> Option<char> {
    if value.contains(char::is_control) {
        return None;
    }
    quote_not_in(value)
}

/// Returns a quote character that does not occur in the value.
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
    fn problems_are_reported() {
        for (line, what) in [
            ("a = \"b", "no closing quote"),
            ("a = 'b", "no closing quote"),
            ("a = \"b\" c", "followed by other text"),
            ("= b", "begin with a name"),
            ("\ta = b", "begin with a name"),
            ("  a = b", "multiple of four"),
            ("a b", "not followed by ="),
            ("\u{e9} = b", "begin with a name"),
        ] {
            assert!(one(line).unwrap_err().contains(what), "{line}: {:?}", one(line));
        }
        let problems: Vec<_> = lines("a\n\n        b\n").filter_map(Result::err).collect();
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].line, 3);
    }

    #[test]
    fn written_values_can_be_read() {
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
