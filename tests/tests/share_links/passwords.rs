//! The passwords of share links.

use analytics_tests::{
    api::{Api, problem},
    share::{Share, open},
    world::World,
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

const PASSWORD: &str = "correct horse";

async fn link(world: &World) -> Share {
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let settings = json!({"sections": ["metrics"], "password": PASSWORD});
    Share::create(&world.read().of_tenant(tenant), event, &settings).await
}

/// The status and the code of an attempt.
async fn attempt(read: &Api, share: &Share, password: Value) -> (u16, String) {
    let answer = open(read, &json!({"link": share.secret, "password": password})).await;
    if answer.status() == StatusCode::OK {
        return (200, String::new());
    }
    let (status, body) = problem(answer).await;
    (status.as_u16(), body["code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_password_is_asked_for_and_a_wrong_one_is_bounded() {
    let world = World::start().await;
    let (share, other) = (link(&world).await, link(&world).await);
    let read = world.read();
    let code = |status: u16, code: &str| (status, code.to_owned());
    // Asking costs nothing.
    for _ in 0..15 {
        let asked = attempt(&read, &share, Value::Null).await;
        assert_eq!(asked, code(401, "password_required"));
    }
    // Attempts with the right one are not bounded.
    for _ in 0..15 {
        assert_eq!(attempt(&read, &share, json!(PASSWORD)).await, code(200, ""));
    }
    for number in 0..10 {
        let wrong = attempt(&read, &share, json!(format!("wrong horse {number}"))).await;
        assert_eq!(wrong, code(401, "wrong_password"));
    }
    // From then on, not even the right one is verified.
    for password in ["wrong horse", PASSWORD] {
        let answer = open(&read, &json!({"link": share.secret, "password": password})).await;
        assert!(answer.headers().contains_key("retry-after"));
        let (status, body) = problem(answer).await;
        assert_eq!(
            (status.as_u16(), &body["code"]),
            (429, &json!("too_many_attempts"))
        );
    }
    assert_eq!(attempt(&read, &other, json!(PASSWORD)).await, code(200, ""));
    world.end().await;
}

#[tokio::test]
async fn concurrent_attempts_are_bounded_too() {
    let world = World::start().await;
    let share = link(&world).await;
    let read = world.read();
    let attempts = (0..40).map(|number| attempt(&read, &share, json!(format!("guess {number}"))));
    let outcomes = futures_util::future::join_all(attempts).await;
    let verified = outcomes.iter().filter(|(status, _)| *status == 401).count();
    assert!(verified <= 10, "{outcomes:?}");
    assert!(
        outcomes
            .iter()
            .all(|(status, _)| [401, 429].contains(status))
    );
    world.end().await;
}
