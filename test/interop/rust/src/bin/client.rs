//! Uses a cache through Gestalt's Rust SDK, as a plugin does; prints what it sees as JSON.

use std::time::Duration;

use gestalt::Cache;
use gestalt::cache::CacheSetEntry;

fn entry(key: &str, value: &[u8]) -> CacheSetEntry {
    CacheSetEntry {
        key: key.to_owned(),
        value: value.to_vec(),
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let key = |key: &str| key.to_owned();
    let mut cache = Cache::connect().await?;
    let minute = Some(Duration::from_secs(60));
    cache.set(key("é"), vec![0, 255], minute).await?;
    cache.set_many(vec![entry("a", b"1"), entry("b", b"")], None).await?;
    let short = Some(Duration::from_millis(50));
    cache.set(key("short"), b"x".to_vec(), short).await?;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let found = cache.get(key("é")).await?.unwrap_or_default();
    let miss = cache.get(key("missing")).await?.is_none();
    let expired = cache.get(key("short")).await?.is_none();
    let keys = vec![key("a"), key("b"), key("missing")];
    let many: Vec<String> = cache.get_many(keys).await?.into_keys().collect();
    let touch = cache.touch(key("a"), minute).await?;
    let delete = cache.delete(key("a")).await?;
    let deleted = cache.delete_many(vec![key("a"), key("b"), key("b")]).await?;
    println!(
        r#"{{"get":{found:?},"miss":{miss},"expired":{expired},"getMany":{many:?},"touch":{touch},"delete":{delete},"deleteMany":{deleted}}}"#
    );
    Ok(())
}
