//! Selectors in text form, as `kubectl --selector` and `--field-selector` take them: whether apimachinery (0.36) reads them
//! (`labels.Parse`, `fields.ParseSelector`), what it says if not, and what they select.

use super::label_selector::{aggregate, invalid, key_error, value_error};
use crate::model::label::LabelSet;

/// A label selector that was read. The empty one selects everything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LabelSelector {
    terms: Vec<LabelTerm>,
}

/// One condition on one label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelTerm {
    /// The key of the label.
    pub key: String,
    /// What is asked of its value.
    pub test: LabelTest,
}

/// What is asked of the value of a label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LabelTest {
    /// The label is there.
    Exists,
    /// The label is absent.
    Absent,
    /// The label is there with one of these values.
    In(Vec<String>),
    /// The label is absent, or there with none of these values.
    NotIn(Vec<String>),
    /// The label is there with a number above this one.
    Above(i64),
    /// The label is there with a number below this one.
    Below(i64),
}

impl LabelSelector {
    /// Reads a label selector.
    ///
    /// # Errors
    /// What apimachinery says.
    pub fn parse(text: &str) -> Result<Self, String> {
        parse_labels(text).map(|terms| Self { terms })
    }

    /// The conditions, all of which have to hold.
    pub fn terms(&self) -> &[LabelTerm] {
        &self.terms
    }

    /// Whether labels meet it.
    pub fn matches(&self, labels: &(impl LabelSet + ?Sized)) -> bool {
        self.terms.iter().all(|term| term.test.is_met_by(labels.label(&term.key)))
    }
}

impl LabelTest {
    /// Whether the value of the label, if it is there, is what is asked for.
    pub fn is_met_by(&self, value: Option<&str>) -> bool {
        let number = || value.and_then(|value| value.parse::<i64>().ok());
        match self {
            Self::Exists => value.is_some(),
            Self::Absent => value.is_none(),
            Self::In(values) => value.is_some_and(|value| values.iter().any(|one| one == value)),
            Self::NotIn(values) => value.is_none_or(|value| values.iter().all(|one| one != value)),
            Self::Above(bound) => number().is_some_and(|number| number > *bound),
            Self::Below(bound) => number().is_some_and(|number| number < *bound),
        }
    }
}

/// A field selector that was read. The empty one selects everything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FieldSelector {
    terms: Vec<FieldTerm>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct FieldTerm {
    field: String,
    value: String,
    is_equal: bool,
}

impl FieldSelector {
    /// Reads a field selector. Which fields a kind has is another question.
    ///
    /// # Errors
    /// What apimachinery says.
    pub fn parse(text: &str) -> Result<Self, String> {
        parse_fields(text).map(|terms| Self { terms })
    }

    /// The fields it looks at.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.terms.iter().map(|term| term.field.as_str())
    }

    /// Whether an object with these values meets it.
    pub fn matches<'v>(&self, value: impl Fn(&str) -> &'v str) -> bool {
        self.terms.iter().all(|term| (value(&term.field) == term.value) == term.is_equal)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Error,
    End,
    Close,
    Comma,
    Not,
    DoubleEquals,
    Equals,
    Greater,
    Identifier,
    In,
    Less,
    NotEquals,
    NotIn,
    Open,
}

/// How `parseOperator` lists what it takes.
const BINARY_OPERATORS: &str = "in, notin, =, ==, !=, gt, lt";

/// Checks a label selector.
///
/// # Errors
/// What apimachinery says.
pub fn check_labels(text: &str) -> Result<(), String> {
    parse_labels(text).map(drop)
}

fn parse_labels(text: &str) -> Result<Vec<LabelTerm>, String> {
    let tokens = scan(text);
    let mut parser = Parser { tokens: &tokens, position: 0 };
    let mut terms = Vec::new();
    loop {
        let (token, literal) = parser.look(Context::Values);
        match token {
            Token::Identifier | Token::Not => {
                let term = parser.requirement();
                terms.push(term.map_err(|error| format!("unable to parse requirement: {error}"))?);
                let (token, literal) = parser.take(Context::Values);
                match token {
                    Token::End => return Ok(terms),
                    Token::Comma => {
                        let (next, literal) = parser.look(Context::Values);
                        if !matches!(next, Token::Identifier | Token::Not) {
                            return Err(format!("found '{literal}', expected: identifier after ','"));
                        }
                    }
                    _ => return Err(format!("found '{literal}', expected: ',' or 'end of string'")),
                }
            }
            Token::End => return Ok(terms),
            _ => return Err(format!("found '{literal}', expected: !, identifier, or 'end of string'")),
        }
    }
}

fn literal_token(text: &str) -> Option<Token> {
    Some(match text {
        ")" => Token::Close,
        "," => Token::Comma,
        "!" => Token::Not,
        "==" => Token::DoubleEquals,
        "=" => Token::Equals,
        ">" => Token::Greater,
        "in" => Token::In,
        "<" => Token::Less,
        "!=" => Token::NotEquals,
        "notin" => Token::NotIn,
        "(" => Token::Open,
        _ => return None,
    })
}

fn is_special(character: char) -> bool {
    matches!(character, '=' | '!' | '(' | ')' | ',' | '>' | '<')
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

/// The tokens, the last of which is the end. A NUL ends the text, as it does for Go's lexer.
fn scan(text: &str) -> Vec<(Token, String)> {
    let text = text.split('\0').next().unwrap_or_default();
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(is_blank);
        let Some(first) = rest.chars().next() else {
            tokens.push((Token::End, String::new()));
            return tokens;
        };
        if !is_special(first) {
            let length = rest.find(|c| is_special(c) || is_blank(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(length);
            tokens.push((literal_token(word).unwrap_or(Token::Identifier), word.to_owned()));
            rest = after;
            continue;
        }
        // The longest run of special characters that is a token; one that grows past a token ends before.
        let mut length = 0;
        let mut found = None;
        for (at, character) in rest.char_indices() {
            if !is_special(character) {
                break;
            }
            let end = at + character.len_utf8();
            match literal_token(&rest[..end]) {
                Some(token) => found = Some((token, end)),
                None if found.is_some() => break,
                None => {}
            }
            length = end;
        }
        match found {
            Some((token, _)) => {
                let literal = rest[..length].to_owned();
                tokens.push((token, literal));
            }
            None => {
                tokens.push((Token::Error, format!("error expected: keyword found '{}'", &rest[..length])));
            }
        }
        rest = &rest[length..];
    }
}

/// Where `in` and `notin` are words like any other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Context {
    Operator,
    Values,
}

struct Parser<'t> {
    tokens: &'t [(Token, String)],
    position: usize,
}

impl<'t> Parser<'t> {
    fn look(&self, context: Context) -> (Token, &'t str) {
        let Some((token, literal)) = self.tokens.get(self.position) else { return (Token::End, "") };
        let token = match token {
            Token::In | Token::NotIn if context == Context::Values => Token::Identifier,
            other => *other,
        };
        (token, literal)
    }

    fn take(&mut self, context: Context) -> (Token, &'t str) {
        let found = self.look(context);
        self.position += 1;
        found
    }

    fn requirement(&mut self) -> Result<LabelTerm, String> {
        let (mut token, mut key) = self.take(Context::Values);
        let negated = token == Token::Not;
        if negated {
            (token, key) = self.take(Context::Values);
        }
        if token != Token::Identifier {
            return Err(format!("found '{key}', expected: identifier"));
        }
        if let Some(error) = key_error(key) {
            // The parser has no path, and says so.
            return Err(invalid("<nil>", key, &error));
        }
        let term = |test| Ok(LabelTerm { key: key.to_owned(), test });
        if negated {
            return term(LabelTest::Absent);
        }
        if matches!(self.look(Context::Values).0, Token::End | Token::Comma) {
            return term(LabelTest::Exists);
        }
        let (operator, literal) = self.take(Context::Operator);
        let values = match operator {
            Token::In | Token::NotIn => self.values()?,
            Token::Equals | Token::DoubleEquals | Token::NotEquals | Token::Greater | Token::Less => {
                vec![self.exact_value()?]
            }
            _ => return Err(format!("found '{literal}', expected: {BINARY_OPERATORS}")),
        };
        let mut errors = Vec::new();
        if matches!(operator, Token::Greater | Token::Less) {
            for (index, value) in values.iter().enumerate().filter(|(_, value)| value.parse::<i64>().is_err())
            {
                let detail = "for 'Gt', 'Lt' operators, the value must be an integer";
                errors.push(invalid(&format!("values[{index}]"), value, detail));
            }
        }
        for (index, value) in values.iter().enumerate() {
            if let Some(error) = value_error(value) {
                errors.push(invalid(&format!("values[{index}][{key}]"), value, &error));
            }
        }
        aggregate(errors)?;
        let bound = values.first().and_then(|value| value.parse().ok()).unwrap_or_default();
        term(match operator {
            Token::NotIn | Token::NotEquals => LabelTest::NotIn(values),
            Token::Greater => LabelTest::Above(bound),
            Token::Less => LabelTest::Below(bound),
            _ => LabelTest::In(values),
        })
    }

    /// `(a,b)`: sorted, each once.
    fn values(&mut self) -> Result<Vec<String>, String> {
        let (token, literal) = self.take(Context::Values);
        if token != Token::Open {
            return Err(format!("found '{literal}' expected: '('"));
        }
        let (token, first) = self.look(Context::Values);
        match token {
            Token::Identifier | Token::Comma => {
                let values = self.identifiers()?;
                let (token, _) = self.take(Context::Values);
                if token == Token::Close {
                    Ok(values)
                } else {
                    Err(format!("found '{first}', expected: ')'"))
                }
            }
            Token::Close => {
                self.take(Context::Values);
                Ok(vec![String::new()])
            }
            _ => Err(format!("found '{first}', expected: ',', ')' or identifier")),
        }
    }

    fn identifiers(&mut self) -> Result<Vec<String>, String> {
        let mut values = std::collections::BTreeSet::new();
        loop {
            let (token, literal) = self.take(Context::Values);
            match token {
                Token::Identifier => {
                    values.insert(literal.to_owned());
                    let (next, literal) = self.look(Context::Values);
                    match next {
                        Token::Comma => {}
                        Token::Close => return Ok(values.into_iter().collect()),
                        _ => return Err(format!("found '{literal}', expected: ',' or ')'")),
                    }
                }
                Token::Comma => {
                    if values.is_empty() {
                        values.insert(String::new());
                    }
                    match self.look(Context::Values).0 {
                        Token::Close => {
                            values.insert(String::new());
                            return Ok(values.into_iter().collect());
                        }
                        Token::Comma => {
                            values.insert(String::new());
                        }
                        _ => {}
                    }
                }
                _ => return Err(format!("found '{literal}', expected: ',', or identifier")),
            }
        }
    }

    fn exact_value(&mut self) -> Result<String, String> {
        if matches!(self.look(Context::Values).0, Token::End | Token::Comma) {
            return Ok(String::new());
        }
        match self.take(Context::Values) {
            (Token::Identifier, literal) => Ok(literal.to_owned()),
            (_, literal) => Err(format!("found '{literal}', expected: identifier")),
        }
    }
}

/// Checks a field selector. Terms are looked at in their sorted order.
///
/// # Errors
/// What apimachinery says.
pub fn check_fields(text: &str) -> Result<(), String> {
    parse_fields(text).map(drop)
}

fn parse_fields(text: &str) -> Result<Vec<FieldTerm>, String> {
    let mut terms = Vec::new();
    let mut start = 0;
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ',' => {
                terms.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    terms.push(&text[start..]);
    terms.sort_unstable();
    let mut read = Vec::new();
    for term in terms.into_iter().filter(|term| !term.is_empty()) {
        let operator = term.char_indices().find_map(|(at, _)| {
            ["!=", "==", "="]
                .iter()
                .find(|known| term[at..].starts_with(**known))
                .map(|known| (at, at + known.len(), *known != "!="))
        });
        let Some((at, after, is_equal)) = operator else {
            return Err(format!("invalid selector: '{text}'; can't understand '{term}'"));
        };
        read.push(FieldTerm { field: term[..at].to_owned(), value: field_value(&term[after..])?, is_equal });
    }
    Ok(read)
}

/// The value without its escapes.
fn field_value(value: &str) -> Result<String, String> {
    let sequence = |text: &str| format!("invalid field selector: invalid escape sequence: {text}");
    let mut read = String::new();
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some(escaped @ ('\\' | ',' | '=')) => read.push(escaped),
                Some(other) => return Err(sequence(&format!("\\{other}"))),
                None => return Err(sequence("\\")),
            },
            ',' | '=' => {
                let number = u32::from(character);
                return Err(format!("invalid field selector: unescaped character in value: {number}"));
            }
            other => read.push(other),
        }
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn label_selectors() {
        for text in [
            "",
            "a",
            "!a",
            "a=b",
            "a==b,c!=d",
            "x in (foo,,baz),y,z notin ()",
            "in=in",
            "a>1",
            "a=",
            " a , b ",
        ] {
            assert_eq!(check_labels(text), Ok(()), "{text}");
        }
        for (text, message) in [
            ("=a", "found '=', expected: !, identifier, or 'end of string'"),
            ("a,", "found '', expected: identifier after ','"),
            ("!(", "unable to parse requirement: found '(', expected: identifier"),
            ("a in b", "unable to parse requirement: found 'b' expected: '('"),
            ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
            ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
        ] {
            assert_eq!(check_labels(text), Err(message.to_owned()), "{text}");
        }
        assert!(
            check_labels("a=b c").is_err() && check_labels("a=-").is_err() && check_labels("a>b").is_err()
        );
    }

    #[test]
    fn label_selectors_select() {
        let labels = [("a", "b"), ("n", "5"), ("e", "")];
        for (text, expected) in [
            ("", true),
            ("a=b,e", true),
            ("a in (x,b)", true),
            ("a!=b", false),
            ("absent!=b", true),
            ("x notin (b)", true),
            ("!a", false),
            ("!x", true),
            ("n>4,n<6", true),
            ("n>5", false),
            ("a>1", false),
            ("e=", true),
            ("x=", false),
        ] {
            let selector = LabelSelector::parse(text).expect("it is valid");
            assert_eq!(selector.matches(&labels[..]), expected, "{text}");
        }
    }

    #[test]
    fn field_selectors_select() {
        let value = |field: &str| if field == "a" { "b,c" } else { "" };
        for (text, expected) in [
            ("", true),
            (r"a=b\,c", true),
            (r"a!=b\,c", false),
            ("x=", true),
            ("x==y", false),
            ("x!=y", true),
        ] {
            let selector = FieldSelector::parse(text).expect("it is valid");
            assert_eq!(selector.matches(value), expected, "{text}");
        }
    }

    #[test]
    fn field_selectors() {
        for text in ["", "a=b", "spec.nodeName!=x,metadata.name==y", "a=", r"a=\,\=\\"] {
            assert_eq!(check_fields(text), Ok(()), "{text}");
        }
        for (text, message) in [
            ("abc", "invalid selector: 'abc'; can't understand 'abc'"),
            (r"a=\x", r"invalid field selector: invalid escape sequence: \x"),
            ("a=b=c", "invalid field selector: unescaped character in value: 61"),
        ] {
            assert_eq!(check_fields(text), Err(message.to_owned()), "{text}");
        }
    }
}
