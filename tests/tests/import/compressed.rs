//! Compressed files, and pipes.

use analytics_shared::clock;
use analytics_tests::{
    compression::{compressed, zip_archive},
    fact::Fact,
    world::World,
};
use chrono::Duration;
use tokio::io::AsyncWriteExt;
use uuid::Uuid;
use zip::CompressionMethod::{Deflated, Stored};

use super::{FACTS, Folder, ndjson};

#[tokio::test(flavor = "multi_thread")]
async fn compressed_files_and_pipes_are_read() {
    let (world, folder) = (World::start().await, Folder::new());
    let event = world.publish_event(Uuid::now_v7(), None).await;
    let facts = |minutes: i64| {
        let at =
            move |second| clock::now() - Duration::minutes(minutes) - Duration::seconds(second);
        let facts = (0..500).map(|second| Fact::view(event).at(at(second)));
        ndjson(facts)
    };
    // Two members, as from `cat`, where the format has members.
    let names = ["a.ndjson.gz", "b.jsonl.zst", "c.json.br", "d.ndjson.zz"];
    let encodings = ["gzip", "zstd", "br", "deflate"];
    for ((name, encoding), minutes) in names.into_iter().zip(encodings).zip((100..).step_by(100)) {
        let mut bytes = compressed(encoding, facts(minutes).as_bytes()).await;
        if ["gzip", "zstd"].contains(&encoding) {
            bytes.extend(compressed(encoding, facts(minutes + 30).as_bytes()).await);
        }
        folder.write(name, bytes);
    }
    let ended = folder.import_all(&world, &names).await;
    assert_eq!(ended.outcome(), [3_000, 3_000, 0, 0, 0]);

    let mut piped = folder.start(&world.database.ingest_url, &["-", "--format", "ndjson"]);
    let mut input = piped.stdin.take().unwrap();
    input.write_all(facts(900).as_bytes()).await.unwrap();
    drop(input);
    assert_eq!(super::ended(piped).await.outcome(), [500, 500, 0, 0, 0]);
    assert_eq!(world.database.number(FACTS).await, 3_500);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_cut_or_says_more_than_its_end_fails_and_what_was_read_is_stored() {
    let (world, folder) = (World::start().await, Folder::new());
    let event = world.publish_event(Uuid::now_v7(), None).await;
    let facts: Vec<Fact> = (0..20_000)
        .map(|number| {
            Fact::view(event)
                .id(Uuid::now_v7())
                .property("number", number)
        })
        .collect();
    let lines = ndjson(&facts);
    let whole = compressed("gzip", lines.as_bytes()).await;
    folder.write("cut.ndjson.gz", &whole[..whole.len() / 2]);
    let ended = folder.import(&world, &["cut.ndjson.gz"]).await;
    assert_eq!(ended.status.code(), Some(1), "{}", ended.logged);
    assert!(
        ended.logged.contains("cut.ndjson.gz, line "),
        "{}",
        ended.logged
    );
    let stored = ended.rows("stored");
    assert!((1_000..20_000).contains(&stored), "{stored}");
    assert_eq!(
        u64::try_from(world.database.number(FACTS).await),
        Ok(stored)
    );

    let mut twice = compressed("br", lines.as_bytes()).await;
    twice.extend(twice.clone());
    folder.write("twice.ndjson.br", twice);
    let ended = folder.import(&world, &["twice.ndjson.br"]).await;
    assert_eq!(ended.status.code(), Some(1), "{}", ended.logged);
    assert_eq!(ended.rows("stored"), 20_000 - stored);
    for arguments in [
        &["missing.ndjson"][..],
        &["-"],
        &["."],
        &["cut.ndjson.gz", "--map", "seat=x"],
    ] {
        let ended = folder.import(&world, arguments).await;
        assert!(matches!(ended.status.code(), Some(1 | 2)), "{arguments:?}");
        assert_eq!(ended.printed, "", "{arguments:?}");
    }
    world.end().await;
}

/// The lines of `count` views.
fn views(event: Uuid, count: usize) -> Vec<u8> {
    let facts = (0..count).map(|_| Fact::view(event).id(Uuid::now_v7()));
    ndjson(facts).into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn file_forms_a_compression_is_recognized_by_its_content() {
    let (world, folder) = (World::start().await, Folder::new());
    let event = world.publish_event(Uuid::now_v7(), None).await;
    let lines = || views(event, 400);
    for encoding in ["gzip", "zstd", "bzip2", "xz"] {
        // Several streams, an empty one among them, and padding, which xz counts in units of 4 bytes.
        let mut bytes = compressed(encoding, &lines()).await;
        bytes.extend(compressed(encoding, b"").await);
        bytes.extend([0; 512]);
        bytes.extend(compressed(encoding, &lines()).await);
        bytes.extend([0; 8]);
        let name = format!("{encoding}.ndjson");
        folder.write(&name, &bytes);
        let ended = folder.import_all(&world, &[&name]).await;
        assert_eq!(ended.outcome(), [800, 800, 0, 0, 0], "{encoding}");

        let piped = compressed(encoding, &lines()).await;
        let mut import = folder.start(&world.database.ingest_url, &["-", "--format", "ndjson"]);
        import
            .stdin
            .take()
            .unwrap()
            .write_all(&piped)
            .await
            .unwrap();
        assert_eq!(
            super::ended(import).await.outcome(),
            [400, 400, 0, 0, 0],
            "{encoding}"
        );
    }
    // The name says what the content is not: a browser has decompressed the file.
    folder.write("plain.ndjson.gz", lines());
    let ended = folder.import_all(&world, &["plain.ndjson.gz"]).await;
    assert_eq!(ended.outcome(), [400, 400, 0, 0, 0]);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn file_forms_a_zip_archive_of_one_file_is_read() {
    let (world, folder) = (World::start().await, Folder::new());
    let event = world.publish_event(Uuid::now_v7(), None).await;
    let lines = || views(event, 400);
    folder.write(
        "one.zip",
        zip_archive(&[("folder/facts.ndjson", &lines())], Deflated),
    );
    let attributes: (&str, &[u8]) = ("__MACOSX/._facts", b"\0\x05\x16\x07");
    folder.write(
        "mac.zip",
        zip_archive(&[("facts", &lines()), attributes], Stored),
    );
    let ended = folder
        .import_all(&world, &["one.zip", "mac.zip", "--format", "ndjson"])
        .await;
    assert_eq!(ended.outcome(), [800, 800, 0, 0, 0]);

    let mut damaged = zip_archive(&[("facts.ndjson", &lines())], Stored);
    let position = damaged.len() / 2;
    // Another id is as valid: only the checksum tells.
    let digit = damaged[position..]
        .iter()
        .position(u8::is_ascii_digit)
        .unwrap();
    damaged[position + digit] ^= 1;
    let several = zip_archive(&[("a.csv", b"a"), ("b.csv", b"b")], Deflated);
    let workbook = zip_archive(
        &[("[Content_Types].xml", b""), ("xl/workbook.xml", b"")],
        Deflated,
    );
    let one = zip_archive(&[("facts.ndjson", &lines())], Deflated);
    for (name, bytes, expected) in [
        ("damaged.ndjson", damaged, "the archive is damaged"),
        ("several.ndjson", several, "several files"),
        ("empty.ndjson", zip_archive(&[], Deflated), "no file"),
        ("workbook.csv", workbook, "save it as CSV"),
        (
            "cut.ndjson",
            one[..one.len() / 2].to_vec(),
            "lines were read before",
        ),
        ("7z.csv", b"7z\xbc\xaf\x27\x1c\0\x04".to_vec(), "7z"),
        (
            "legacy.csv",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(),
            "Excel 97",
        ),
    ] {
        folder.write(name, bytes);
        let ended = folder.import(&world, &[name]).await;
        assert_eq!(ended.status.code(), Some(1), "{name} {}", ended.logged);
        assert!(ended.logged.contains(expected), "{name} {}", ended.logged);
        let [read, stored, duplicate, _, rejected] = ended.outcome();
        assert_eq!(read, stored + duplicate + rejected, "{name}");
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn file_forms_a_damaged_file_says_how_many_lines_were_read_before() {
    let (world, folder) = (World::start().await, Folder::new());
    let event = world.publish_event(Uuid::now_v7(), None).await;
    for encoding in ["gzip", "zstd", "bzip2", "xz"] {
        let whole = compressed(encoding, &views(event, 4_000)).await;
        let garbage = [&whole[..], b"garbage"].concat();
        for (name, bytes) in [("cut", &whole[..whole.len() - 5]), ("garbage", &garbage)] {
            let name = format!("{name}.{encoding}.ndjson");
            folder.write(&name, bytes);
            let ended = folder.import(&world, &[&name]).await;
            assert_eq!(ended.status.code(), Some(1), "{name} {}", ended.logged);
            let [read, stored, duplicate, ..] = ended.outcome();
            assert_eq!(read, stored + duplicate, "{name}");
            let before = format!("{read} lines were read before");
            assert!(ended.logged.contains(&before), "{name} {}", ended.logged);
        }
    }
    world.end().await;
}
