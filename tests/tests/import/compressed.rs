//! Compressed files, and pipes.

use analytics_shared::clock;
use analytics_tests::{compression::compressed, fact::Fact, world::World};
use chrono::Duration;
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

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
