//! Answers: a TAP 14 stream in which every point has a YAML block.

use crate::driver::Refusal;
use std::io::{self, Write};

/// What a verb that went well has to say.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    Nothing,
    Value(&'static str, String),
    List(&'static str, Vec<String>),
}

/// The stream. It is flushed after each answer: to a pipe, nobody else would.
pub struct Tap<W: Write> {
    output: W,
    answered: u64,
}

/// Double quotes and backslashes would end the text, and other bytes than printable ASCII are not for a protocol.
fn quoted(text: &str) -> String {
    let printable = text.chars().map(|it| if (' '..='~').contains(&it) { it } else { '?' });
    let escaped = printable.flat_map(|it| matches!(it, '"' | '\\').then_some('\\').into_iter().chain([it]));
    format!("\"{}\"", escaped.collect::<String>())
}

/// A verb as the description of a point, where blanks, `#` and line ends would mean something else.
fn description(verb: &str) -> String {
    verb.chars().map(|it| if it.is_ascii_graphic() && it != '#' && it != '\\' { it } else { '?' }).collect()
}

impl<W: Write> Tap<W> {
    pub fn begin(mut output: W) -> io::Result<Self> {
        writeln!(output, "TAP version 14")?;
        output.flush()?;
        Ok(Tap { output, answered: 0 })
    }

    /// Answers a command.
    pub fn answer(&mut self, verb: &str, outcome: &Result<Answer, Refusal>) -> io::Result<()> {
        self.answered += 1;
        let refused = matches!(outcome, Err(Refusal::Because(_)));
        write!(self.output, "{} {} - {}", if refused { "not ok" } else { "ok" }, self.answered, description(verb))?;
        if matches!(outcome, Err(Refusal::Skip)) {
            write!(self.output, " # SKIP the driver has no such ability here")?;
        }
        writeln!(self.output, "\n  ---")?;
        match outcome {
            Ok(Answer::Nothing) | Err(Refusal::Skip) => {}
            Ok(Answer::Value(key, value)) => writeln!(self.output, "  {}: {}", key, quoted(value))?,
            Ok(Answer::List(key, entries)) => self.list(key, entries)?,
            Err(Refusal::Because(sentence)) => writeln!(self.output, "  error: {}", quoted(sentence))?,
        }
        writeln!(self.output, "  ...")?;
        self.output.flush()
    }

    fn list(&mut self, key: &str, entries: &[String]) -> io::Result<()> {
        if !entries.is_empty() {
            writeln!(self.output, "  {}:", key)?;
        }
        entries.iter().try_for_each(|entry| writeln!(self.output, "    - {}", quoted(entry)))
    }

    /// The plan, which comes last.
    pub fn end(mut self) -> io::Result<()> {
        writeln!(self.output, "1..{}", self.answered)?;
        self.output.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(verb: &str, outcome: Result<Answer, Refusal>) -> String {
        let mut output = Vec::new();
        let mut tap = Tap::begin(&mut output).unwrap();
        tap.answer(verb, &outcome).unwrap();
        tap.end().unwrap();
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn every_answer_has_a_block() {
        let text = answered("start", Ok(Answer::Nothing));
        assert_eq!(text, "TAP version 14\nok 1 - start\n  ---\n  ...\n1..1\n");
        let text = answered("io", Ok(Answer::Value("bytes", "16".to_string())));
        assert!(text.contains("ok 1 - io\n  ---\n  bytes: \"16\"\n  ...\n"));
        let text = answered("faults", Ok(Answer::List("faults", vec!["a".to_string(), "b".to_string()])));
        assert!(text.contains("  faults:\n    - \"a\"\n    - \"b\"\n"));
        assert!(!answered("faults", Ok(Answer::List("faults", vec![]))).contains("faults:"));
    }

    #[test]
    fn a_refusal_says_why_and_a_missing_ability_is_skipped() {
        assert!(answered("map", Err("it is \"mine\"\n".into()))
            .contains("not ok 1 - map\n  ---\n  error: \"it is \\\"mine\\\"?\"\n"));
        assert!(answered("map", Err(Refusal::Skip)).contains("\nok 1 - map # SKIP "));
    }

    #[test]
    fn a_strange_verb_stays_in_its_line() {
        assert!(answered("a#b\\\u{7}é", Err(Refusal::Skip)).contains("ok 1 - a?b??? # SKIP"));
    }
}
