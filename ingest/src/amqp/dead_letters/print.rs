//! The output of the command.
#![expect(clippy::print_stdout, reason = "the output of the command")]

use lapin::types::FieldTable;

use super::queue::DeadLetter;

/// Prints a table of dead letters.
pub fn list(letters: &[DeadLetter], all: u32) {
    println!("{:8}  {:20}  {:24}  REASON", "ID", "SINCE", "ROUTING KEY");
    for letter in letters {
        let (id, since, key) = (letter.id(), letter.dead_at(), letter.routing_key());
        println!("{id:8}  {since:20}  {key:24}  {}", letter.reason());
    }
    println!("{} of {all} dead letters", letters.len());
}

/// Prints a dead letter with its headers and its decompressed body.
pub fn letter(letter: &DeadLetter, body: &[u8]) {
    println!("routing key  {}", letter.routing_key());
    println!("since        {}", letter.dead_at());
    println!("reason       {}", letter.reason());
    let headers = letter.delivery.properties.headers();
    for (name, value) in headers.iter().flat_map(FieldTable::inner) {
        println!("header       {name}: {value:?}");
    }
    println!("\n{}", String::from_utf8_lossy(body));
}

/// Prints the numbers of dead letters that were removed and kept.
pub fn summary(action: &str, removed: u64, kept: u64) {
    println!("{removed} dead letters {action}, {kept} kept");
}
