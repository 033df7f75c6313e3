//! What the operator reads.
#![expect(clippy::print_stdout, reason = "this is what the command is asked for")]

use lapin::types::FieldTable;

use super::letters::Letter;

/// A line for each letter.
pub fn list(letters: &[Letter], waiting: u32) {
    println!("{:8}  {:20}  {:24}  REASON", "ID", "SINCE", "ROUTING KEY");
    for letter in letters {
        let (id, since, key) = (letter.id(), letter.dead_at(), letter.routing_key());
        println!("{id:8}  {since:20}  {key:24}  {}", letter.reason());
    }
    println!("{} of {waiting} dead letters", letters.len());
}

/// One letter, whole.
pub fn one(letter: &Letter) {
    println!("routing key  {}", letter.routing_key());
    println!("since        {}", letter.dead_at());
    println!("reason       {}", letter.reason());
    for (name, value) in letter
        .delivery
        .properties
        .headers()
        .iter()
        .flat_map(FieldTable::inner)
    {
        println!("header       {name}: {value:?}");
    }
    println!("\n{}", String::from_utf8_lossy(&letter.delivery.data));
}

/// What was done.
pub fn done(what: &str, letters: u64, kept: u64) {
    println!("{letters} dead letters {what}, {kept} kept");
}
