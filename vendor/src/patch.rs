//! Reads unified diffs and applies them strictly.
//!
//! A hunk applies at the line that it states, shifted by as many lines as the previous hunk was. If its old lines are
//! not there, it applies at the only other place that has them. No line may differ, and no hunk is skipped. The patches
//! have one line of context, so a more lenient rule would apply some of them at the wrong place.

#[cfg(test)]
mod tests;

/// The changes that one patch makes to one file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Change<'a> {
    /// The path of the file, relative to the root of the source.
    pub(crate) file: &'a str,
    hunks: Vec<Hunk<'a>>,
}

/// Consecutive lines of a file, before and after the change. Each line includes its line end.
#[derive(Debug, PartialEq, Eq)]
struct Hunk<'a> {
    /// The number of the first line in the file before the patch, counted from 0.
    line: usize,
    old: Vec<&'a str>,
    new: Vec<&'a str>,
}

/// Reads the changes of a patch, and ignores its header.
///
/// The error names the line of the patch and the mistake.
pub(crate) fn parse(text: &str) -> Result<Vec<Change<'_>>, String> {
    let mut changes: Vec<Change<'_>> = Vec::new();
    let mut lines = text.split_inclusive('\n').zip(1..).peekable();
    while let Some((line, number)) = lines.next() {
        if let Some(old) = line.strip_prefix("--- a/") {
            let new = lines.next().and_then(|(line, _)| line.strip_prefix("+++ b/"));
            // A patch cannot create, remove or rename files.
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
                return Err(format!("line {number}: a hunk without a file"));
            };
            let mut hunk = Hunk { line: first.saturating_sub(1), old: Vec::new(), new: Vec::new() };
            while hunk.old.len() < old_count || hunk.new.len() < new_count {
                let Some((line, number)) = lines.next() else {
                    return Err(format!("line {number}: the patch ends before this hunk does"));
                };
                take(&mut hunk, line).ok_or_else(|| format!("line {number}: not a line of a hunk"))?;
            }
            if lines.next_if(|(line, _)| line.starts_with('\\')).is_some() {
                return Err(format!("line {number}: a hunk whose last line has no line end"));
            }
            if hunk.old.len() != old_count || hunk.new.len() != new_count {
                return Err(format!("line {number}: the hunk does not have as many lines as it states"));
            }
            if hunk.old.is_empty() {
                return Err(format!("line {number}: a hunk without an old line"));
            }
            change.hunks.push(hunk);
        } else if !changes.is_empty() {
            return Err(format!("line {number}: text after the last line of a hunk"));
        }
    }
    if changes.is_empty() || changes.iter().any(|change| change.hunks.is_empty()) {
        return Err("it changes nothing".to_owned());
    }
    Ok(changes)
}

/// Reads two numbers such as `12,3`. The second number is 1 if it is missing.
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
    /// Returns the text of the file after the change.
    ///
    /// The error names the expected lines and their place.
    pub(crate) fn apply(&self, text: &str) -> Result<String, String> {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let mut changed = String::with_capacity(text.len());
        // `changed` contains the lines before this one.
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
    /// Finds the line at or after `from` where the hunk applies. `moved` is the distance of the previous hunk from the
    /// line that it states.
    ///
    /// The error lists all places where the hunk could apply: none, or more than one.
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

    /// Describes why the hunk has no place.
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
            reason.push_str("The file seems to contain the change already.\n");
        }
        if text.contains("\r\n") {
            reason.push_str("The file has Windows line ends; libzmq's releases do not.\n");
        }
        reason
    }
}
