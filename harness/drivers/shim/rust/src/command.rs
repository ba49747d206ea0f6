//! Lines of commands, and of the machine file, which has the same grammar: a verb, then words of the form `key=value`.

use std::io::{self, BufRead, Read};

/// The most bytes of a line (VERBS.md): 32 KiB.
pub const LINE_MAX: usize = 32 * 1024;

/// One line, in its words.
pub struct Command<'a> {
    verb: &'a str,
    rest: &'a str,
}

impl<'a> Command<'a> {
    /// Cuts a line into words.
    pub fn read(line: &'a str) -> Self {
        let line = line.trim_end_matches(&['\r', '\n'][..]);
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        Command { verb, rest }
    }

    pub fn verb(&self) -> &'a str {
        self.verb
    }

    /// The value of `key`. Words without a value are passed over; of two with the same key, the first counts.
    pub fn word(&self, key: &str) -> Option<&'a str> {
        self.rest
            .split(' ')
            .filter_map(|word| word.split_once('='))
            .find(|(name, _)| *name == key)
            .map(|(_, value)| value)
    }

    /// A decimal or 0x number that fits into 64 bits.
    pub fn number(&self, key: &str) -> Option<u64> {
        let text = self.word(key)?;
        let (digits, radix) = text.strip_prefix("0x").map_or((text, 10), |digits| (digits, 16));
        // `from_str_radix` takes a sign.
        if !digits.starts_with(|first: char| first.is_digit(radix)) {
            return None;
        }
        u64::from_str_radix(digits, radix).ok()
    }

    /// Bytes in hexadecimal, two digits each.
    pub fn bytes(&self, key: &str) -> Option<Vec<u8>> {
        let digits: Option<Vec<u8>> = self.word(key)?.chars().map(|digit| Some(digit.to_digit(16)? as u8)).collect();
        let digits = digits?;
        if digits.len() % 2 != 0 {
            return None;
        }
        Some(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
    }
}

/// What came in.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    Text(String),
    /// The beginning of a line that is longer than any command may be; the rest of it is gone.
    TooLong(String),
}

/// The next line, or None at the end. Bytes that are no text are replaced.
pub fn next_line(input: &mut impl BufRead) -> io::Result<Option<Line>> {
    let mut bytes = Vec::new();
    input.take(LINE_MAX as u64 + 1).read_until(b'\n', &mut bytes)?;
    if bytes.is_empty() {
        return Ok(None);
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    if bytes.len() <= LINE_MAX || bytes.ends_with(b"\n") {
        return Ok(Some(Line::Text(text)));
    }
    discard_line(input)?;
    Ok(Some(Line::TooLong(text)))
}

fn discard_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let waiting = input.fill_buf()?;
        let end = waiting.iter().position(|&byte| byte == b'\n');
        let count = end.map_or(waiting.len(), |at| at + 1);
        input.consume(count);
        if end.is_some() || count == 0 {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_has_a_verb_and_words() {
        let command = Command::read("map domain=d1 iova=0x1000 length=8192 bytes=00ffE5\r\n");
        assert_eq!(command.verb(), "map");
        assert_eq!(command.word("domain"), Some("d1"));
        assert_eq!(command.word("buffer"), None);
        assert_eq!(command.number("iova"), Some(0x1000));
        assert_eq!(command.number("length"), Some(8192));
        assert_eq!(command.bytes("bytes"), Some(vec![0, 0xff, 0xe5]));
    }

    #[test]
    fn the_first_of_two_words_counts_and_a_value_may_have_an_equals_sign() {
        let command = Command::read("poke a=1 a=2 b==c d  =e");
        assert_eq!(command.word("a"), Some("1"));
        assert_eq!(command.word("b"), Some("=c"));
        assert_eq!(command.word("d"), None);
    }

    #[test]
    fn what_is_no_number_is_refused() {
        let texts =
            ["", "0x", "-1", "+1", "0x-1", "0x+1", "1e3", "12k", "nowhere", "0X10", "18446744073709551616", "٣"];
        for text in texts {
            let line = format!("map iova={}", text);
            assert_eq!(Command::read(&line).number("iova"), None, "{:?}", text);
        }
        assert_eq!(Command::read("map iova=0xffffffffffffffff").number("iova"), Some(u64::MAX));
    }

    #[test]
    fn what_are_no_bytes_is_refused() {
        for text in ["0", "0g", "+1", "é0"] {
            assert_eq!(Command::read(&format!("poke bytes={}", text)).bytes("bytes"), None, "{:?}", text);
        }
        assert_eq!(Command::read("poke bytes=").bytes("bytes"), Some(vec![]));
    }

    #[test]
    fn an_empty_line_is_a_command_without_a_verb() {
        for line in ["", "\n", " ", " =", "\0"] {
            assert!(Command::read(line).word("").map_or(true, str::is_empty));
        }
    }

    #[test]
    fn a_line_without_end_is_given_up_and_the_next_is_read() {
        let long = "x".repeat(3 * LINE_MAX) + "\nstop\n";
        let mut input = io::BufReader::with_capacity(64, long.as_bytes());
        assert_eq!(next_line(&mut input).unwrap(), Some(Line::TooLong("x".repeat(LINE_MAX + 1))));
        assert_eq!(next_line(&mut input).unwrap(), Some(Line::Text("stop\n".to_string())));
        assert_eq!(next_line(&mut input).unwrap(), None);
    }

    #[test]
    fn a_line_that_is_just_short_enough_is_read() {
        let full = "x".repeat(LINE_MAX) + "\n";
        assert_eq!(next_line(&mut full.as_bytes()).unwrap(), Some(Line::Text(full.clone())));
        assert_eq!(next_line(&mut &b"stop"[..]).unwrap(), Some(Line::Text("stop".to_string())));
        assert_eq!(next_line(&mut &b"\xff\xfe\n"[..]).unwrap(), Some(Line::Text("\u{fffd}\u{fffd}\n".to_string())));
    }
}
