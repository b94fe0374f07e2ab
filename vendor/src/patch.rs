//! Reads unified diffs and applies them strictly.
//!
//! A hunk goes to the line that it states, moved by as much as the hunk before it was, or else to the only other place
//! where its old lines stand. No line may differ, and nothing is skipped. Patches of one line of context would be applied
//! to the wrong place by anything more lenient.

#[cfg(test)]
mod tests;

/// What one patch does to one file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Change<'a> {
    /// The file, from the root of the source.
    pub(crate) file: &'a str,
    hunks: Vec<Hunk<'a>>,
}

/// Consecutive lines of a file, before and after. Lines have their ends.
#[derive(Debug, PartialEq, Eq)]
struct Hunk<'a> {
    /// The number of its first line in the file before the patch, counted from 0.
    line: usize,
    old: Vec<&'a str>,
    new: Vec<&'a str>,
}

/// Reads a patch: its header, which is for people, and then what it changes.
///
/// The error says what is wrong with the patch, and in which line.
pub(crate) fn parse(text: &str) -> Result<Vec<Change<'_>>, String> {
    let mut changes: Vec<Change<'_>> = Vec::new();
    let mut lines = text.split_inclusive('\n').zip(1..).peekable();
    while let Some((line, number)) = lines.next() {
        if let Some(old) = line.strip_prefix("--- a/") {
            let new = lines.next().and_then(|(line, _)| line.strip_prefix("+++ b/"));
            // Files are neither made nor removed nor renamed.
            if new != Some(old) {
                return Err(format!("line {number}: no line `+++ b/{}` follows", old.trim_end()));
            }
            changes.push(Change { file: old.trim_end(), hunks: Vec::new() });
        } else if line.starts_with("@@") {
            let range = |mark| numbers(line.split(' ').find_map(|word| word.strip_prefix(mark))?);
            let Some(((first, old_count), (_, new_count))) = range('-').zip(range('+')) else {
                return Err(format!("line {number}: not the beginning of a hunk"));
            };
            let Some(change) = changes.last_mut() else {
                return Err(format!("line {number}: a hunk of no file"));
            };
            let mut hunk = Hunk { line: first.saturating_sub(1), old: Vec::new(), new: Vec::new() };
            while hunk.old.len() < old_count || hunk.new.len() < new_count {
                let Some((line, number)) = lines.next() else {
                    return Err(format!("line {number}: the hunk that begins here has lost its end"));
                };
                take(&mut hunk, line).ok_or_else(|| format!("line {number}: not a line of a hunk"))?;
            }
            if lines.next_if(|(line, _)| line.starts_with('\\')).is_some() {
                return Err(format!("line {number}: a hunk at the end of a file without a last line end"));
            }
            if hunk.old.len() != old_count || hunk.new.len() != new_count {
                return Err(format!("line {number}: the hunk has other lines than it says"));
            }
            if hunk.old.is_empty() {
                return Err(format!("line {number}: a hunk without an old line has no place"));
            }
            change.hunks.push(hunk);
        } else if !changes.is_empty() {
            return Err(format!("line {number}: behind the last line of a hunk"));
        }
    }
    if changes.is_empty() || changes.iter().any(|change| change.hunks.is_empty()) {
        return Err("it changes nothing".to_owned());
    }
    Ok(changes)
}

/// Two numbers such as `12,3`. The second is 1 if it is left out.
fn numbers(range: &str) -> Option<(usize, usize)> {
    let (first, count) = range.split_once(',').unwrap_or((range, "1"));
    Some((first.parse().ok()?, count.trim_end().parse().ok()?))
}

/// Adds a line of a patch to its hunk.
fn take<'a>(hunk: &mut Hunk<'a>, line: &'a str) -> Option<()> {
    if let Some(removed) = line.strip_prefix('-') {
        hunk.old.push(removed);
    } else if let Some(added) = line.strip_prefix('+') {
        hunk.new.push(added);
    } else {
        let kept = line.strip_prefix(' ')?;
        hunk.old.push(kept);
        hunk.new.push(kept);
    }
    Some(())
}

impl Change<'_> {
    /// The text of the file after the change.
    ///
    /// The error says what was expected, and where.
    pub(crate) fn apply(&self, text: &str) -> Result<String, String> {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let mut changed = String::with_capacity(text.len());
        // The lines before this one are in `changed`.
        let mut done = 0;
        let mut moved = 0;
        for hunk in &self.hunks {
            let place = hunk.place(&lines, done, moved).map_err(|places| hunk.misfit(text, &places))?;
            changed.extend(lines.iter().take(place).skip(done).copied());
            changed.extend(hunk.new.iter().copied());
            done = place + hunk.old.len();
            moved = place.wrapping_sub(hunk.line);
        }
        changed.extend(lines.iter().skip(done).copied());
        Ok(changed)
    }
}

impl Hunk<'_> {
    /// Where the hunk goes, at or after the line `from`; `moved` is how far the hunk before it was from its stated line.
    ///
    /// The error is all the places where it could go: none, or too many.
    fn place(&self, lines: &[&str], from: usize, moved: usize) -> Result<usize, Vec<usize>> {
        let fits = |at: usize| at >= from && lines.get(at..).is_some_and(|rest| rest.starts_with(&self.old));
        let stated = self.line.wrapping_add(moved);
        if fits(stated) {
            return Ok(stated);
        }
        let places: Vec<usize> = (from..lines.len()).filter(|&at| fits(at)).collect();
        match places.as_slice() {
            &[place] => Ok(place),
            _ => Err(places),
        }
    }

    /// Why it has no place.
    fn misfit(&self, text: &str, places: &[usize]) -> String {
        let old = self.old.concat();
        let places: Vec<String> = places.iter().map(|place| (place + 1).to_string()).collect();
        let mut reason = if places.is_empty() {
            format!("these lines, expected at line {}, are not there:\n{old}", self.line + 1)
        } else {
            let places = places.join(" and ");
            format!("these lines, expected at line {}, are at {places} instead:\n{old}", self.line + 1)
        };
        if text.contains(&self.new.concat()) {
            reason.push_str("The file seems to have the change already.\n");
        }
        if text.contains("\r\n") {
            reason.push_str("The file has Windows line ends; libzmq's releases do not.\n");
        }
        reason
    }
}
