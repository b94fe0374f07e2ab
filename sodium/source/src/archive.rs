//! Reads a `.tar.gz` file. Supports only the parts of the two formats that archives of releases use.

/// The largest size of an unpacked archive in bytes: several times the size of a release.
const LIMIT: usize = 64 << 20;

const BLOCK: usize = 512;

/// A file in an archive.
pub(crate) struct Entry<'a> {
    /// The path, with `/` between its components.
    pub(crate) name: String,
    pub(crate) bytes: &'a [u8],
}

/// Unpacks a gzip file with one member, and checks its CRC-32.
///
/// # Errors
///
/// Fails if the file is not a gzip file or is damaged.
pub(crate) fn gunzip(file: &[u8]) -> Result<Vec<u8>, String> {
    let body = header_length(file).and_then(|start| file.get(start..)).ok_or("it is not a gzip file")?;
    let unpacked = miniz_oxide::inflate::decompress_to_vec_with_limit(body, LIMIT)
        .map_err(|error| format!("it cannot be unpacked: {error}"))?;
    let sum = file.last_chunk::<8>().and_then(|trailer| trailer.first_chunk::<4>());
    if sum.copied().map(u32::from_le_bytes) != Some(crc32(&unpacked)) {
        return Err("its CRC-32 is wrong".to_owned());
    }
    Ok(unpacked)
}

/// Returns the length of the header: ten bytes, and the fields that the flags announce.
fn header_length(file: &[u8]) -> Option<usize> {
    let (&[0x1f, 0x8b, 8, flags, ..], rest) = file.split_first_chunk::<10>()? else { return None };
    let mut length = 10;
    if flags & 4 != 0 {
        length += 2 + usize::from(u16::from_le_bytes(*rest.first_chunk()?));
    }
    // The fields for a name and a comment, each with a zero at the end.
    for flag in [8, 16] {
        if flags & flag != 0 {
            length += file.get(length..)?.iter().position(|&byte| byte == 0)? + 1;
        }
    }
    Some(if flags & 2 != 0 { length + 2 } else { length })
}

/// Computes the CRC-32 that gzip files contain.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    let mut table = [0_u32; 256];
    for (start, entry) in (0_u32..).zip(&mut table) {
        *entry = (0..8).fold(start, |sum, _| if sum & 1 == 0 { sum >> 1 } else { (sum >> 1) ^ 0xedb8_8320 });
    }
    let sum = bytes.iter().fold(u32::MAX, |sum, &byte| {
        let [low, ..] = sum.to_le_bytes();
        table.get(usize::from(low ^ byte)).copied().unwrap_or_default() ^ (sum >> 8)
    });
    !sum
}

/// Returns the regular files of a tar archive.
///
/// # Errors
///
/// Fails if the archive ends within a file, or if a header is invalid.
pub(crate) fn files(mut archive: &[u8]) -> Result<Vec<Entry<'_>>, String> {
    let mut files = Vec::new();
    while let Some((header, rest)) = archive.split_first_chunk::<BLOCK>() {
        // Empty blocks mark the end.
        if header.iter().all(|&byte| byte == 0) {
            break;
        }
        let size = octal(header.get(124..136).unwrap_or_default()).ok_or("it has an entry without a size")?;
        let bytes = rest.get(..size).ok_or("it ends within a file")?;
        if let Some(b'0' | 0) = header.get(156) {
            let (name, prefix) = (text(header, 0..100), text(header, 345..500));
            let name = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
            files.push(Entry { name, bytes });
        }
        archive = rest.get(size.next_multiple_of(BLOCK)..).unwrap_or_default();
    }
    Ok(files)
}

/// Parses an octal number with spaces and NULs around it.
fn octal(field: &[u8]) -> Option<usize> {
    let digits = std::str::from_utf8(field).ok()?.trim_matches(['\0', ' ']);
    usize::from_str_radix(digits, 8).ok()
}

/// Returns the text of a field up to the first zero.
fn text(header: &[u8; BLOCK], range: std::ops::Range<usize>) -> String {
    let field = header.get(range).unwrap_or_default();
    let end = field.iter().position(|&byte| byte == 0).unwrap_or(field.len());
    String::from_utf8_lossy(field.get(..end).unwrap_or_default()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a gzip file that contains the bytes uncompressed.
    fn gzip(flags: u8, extra: &[u8], bytes: &[u8]) -> Vec<u8> {
        let len = u16::try_from(bytes.len()).unwrap();
        let mut file = vec![0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3];
        file.extend(extra);
        file.push(1);
        file.extend(len.to_le_bytes());
        file.extend((!len).to_le_bytes());
        file.extend(bytes);
        file.extend(crc32(bytes).to_le_bytes());
        file.extend(u32::from(len).to_le_bytes());
        file
    }

    fn header(name: &str, prefix: &str, kind: u8, size: usize) -> Vec<u8> {
        let mut header = vec![0; BLOCK];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
        header[156] = kind;
        header[345..345 + prefix.len()].copy_from_slice(prefix.as_bytes());
        header
    }

    #[test]
    fn crc32_computes_the_sum_of_gzip() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b""), 0);
    }

    #[test]
    fn gunzip_unpacks_a_file_with_any_header() {
        for (flags, extra) in [(0, &b""[..]), (8, b"name\0"), (28, b"\x02\0ab\0comment\0"), (2, b"12")] {
            assert_eq!(gunzip(&gzip(flags, extra, b"some text")).unwrap(), b"some text", "{flags}");
        }
    }

    #[test]
    fn gunzip_refuses_a_damaged_file() {
        let whole = gzip(0, b"", b"some text");
        for length in 0..whole.len() {
            assert!(gunzip(&whole[..length]).is_err(), "{length}");
        }
        // Leaves out the bytes that `gunzip` ignores: the time and system, padding bits, and the length at the end.
        for index in (0..3).chain(11..whole.len() - 4) {
            let mut damaged = whole.clone();
            damaged[index] ^= 0x10;
            assert!(gunzip(&damaged).is_err(), "{index}");
        }
    }

    #[test]
    fn files_returns_the_regular_files_of_an_archive() {
        let archive = [
            header("folder/", "", b'5', 0),
            header("folder/one", "", b'0', 3),
            [&b"one"[..], &[0; BLOCK - 3]].concat(),
            header("two", "a/long/folder", 0, BLOCK),
            vec![2; BLOCK],
            header("empty", "", b'0', 0),
            vec![0; 2 * BLOCK],
        ]
        .concat();
        let read: Vec<_> =
            files(&archive).unwrap().into_iter().map(|entry| (entry.name, entry.bytes.to_vec())).collect();
        let expected = [
            ("folder/one".to_owned(), b"one".to_vec()),
            ("a/long/folder/two".to_owned(), vec![2; BLOCK]),
            ("empty".to_owned(), Vec::new()),
        ];
        assert_eq!(read, expected);
    }

    #[test]
    fn files_refuses_a_damaged_archive() {
        assert!(files(&header("cut", "", b'0', 1)).is_err());
        assert!(files(&[b'x'; BLOCK]).is_err());
    }
}
