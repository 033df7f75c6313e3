//! The commands that the documents show exist, with their options.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use analytics_tests::process::binary;

const DOCUMENTS: [&str; 9] = [
    "README.md",
    "docs/BROWSERS.md",
    "docs/IMPORTING.md",
    "docs/LIMITS.md",
    "docs/METRICS.md",
    "docs/OPERATIONS.md",
    "docs/PRIVACY.md",
    "docs/SECURITY.md",
    "docs/SQL.md",
];
const PROGRAMS: [&str; 3] = ["analytics-ingest", "analytics-query", "analytics-migration"];

#[test]
fn the_commands_of_the_documents_exist_with_their_options() {
    let mut checked = BTreeSet::new();
    for document in DOCUMENTS {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("..")
            .join(document);
        let text = fs::read_to_string(path).unwrap();
        for command in commands(&text) {
            for command in alternatives(&command) {
                check(document, &command);
                checked.insert(command);
            }
        }
    }
    assert!(checked.len() >= 20, "{checked:?}");
}

#[test]
fn a_command_ends_at_its_comment_and_its_alternatives_are_commands() {
    let text = "`analytics-query health` asks\n```sh\nfoo | /bin/analytics-ingest dead-letters list|show [--key KEY] # a\n```\n";
    let found: Vec<_> = commands(text)
        .iter()
        .flat_map(|it| alternatives(it))
        .collect();
    assert_eq!(
        found,
        [
            ["analytics-query", "health"].as_slice(),
            &["analytics-ingest", "dead-letters", "list", "--key", "KEY"],
            &["analytics-ingest", "dead-letters", "show", "--key", "KEY"],
        ]
    );
}

/// The words of each command in code: blocks and inline.
fn commands(text: &str) -> Vec<Vec<String>> {
    let joined = text.replace("\\\n", " ");
    let mut found = Vec::new();
    let mut is_block = false;
    for line in joined.lines() {
        if line.trim_start().starts_with("```") {
            is_block = !is_block;
        } else if is_block {
            found.push(line.split(" #").next().unwrap_or_default().to_owned());
        } else {
            found.extend(line.split('`').skip(1).step_by(2).map(ToOwned::to_owned));
        }
    }
    found.iter().filter_map(|code| command(code)).collect()
}

/// The command of a program of the service in a piece of code.
fn command(code: &str) -> Option<Vec<String>> {
    let words = code.split_whitespace().map(|word| {
        let word = word.rsplit_once("$(").map_or(word, |(_, word)| word);
        word.trim_matches(['[', ']', ')', '\'', '"'])
    });
    let mut words = words.skip_while(|word| {
        let name = word.rsplit('/').next().unwrap_or_default();
        !PROGRAMS.contains(&name)
    });
    let program = words.next()?.rsplit('/').next()?.to_owned();
    let ends = |word: &&str| !["|", ">", "&&", "||", "…", ";"].contains(word);
    let arguments = words.take_while(ends).map(ToOwned::to_owned);
    let command: Vec<_> = std::iter::once(program).chain(arguments).collect();
    (command.len() > 1).then_some(command)
}

/// A command for each of the alternatives `list|show` of its words.
fn alternatives(command: &[String]) -> Vec<Vec<String>> {
    command.iter().fold(vec![Vec::new()], |found, word| {
        let words: Vec<_> = word.split('|').collect();
        let with = |mut command: Vec<String>, word: &&str| {
            command.push((*word).to_owned());
            command
        };
        words
            .iter()
            .flat_map(|word| found.iter().map(move |command| with(command.clone(), word)))
            .collect()
    })
}

/// Asks the program for the help of the command, which lists its options.
fn check(document: &str, command: &[String]) {
    let is_name = |word: &&String| word.starts_with(|first: char| first.is_ascii_lowercase());
    let names: Vec<_> = command[1..].iter().take_while(is_name).collect();
    let shown = command.join(" ");
    // Words after the subcommands are arguments; `help` rejects them.
    let help = (0..=names.len()).rev().find_map(|count| {
        let output = Command::new(binary(&command[0]))
            .arg("help")
            .args(&names[..count])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        output.status.success().then_some((count, text))
    });
    let (count, help) = help.unwrap_or_default();
    let is_complete = count == names.len() || !help.contains("\nCommands:\n");
    assert!(
        count > 0 && is_complete,
        "{document}: {shown}: no such command"
    );
    for option in command.iter().filter(|word| word.starts_with("--")) {
        let name = option.split('=').next().unwrap_or(option);
        let is_listed = help
            .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-')
            .any(|word| word == name);
        assert!(is_listed, "{document}: {shown}: no option {name}");
    }
}
