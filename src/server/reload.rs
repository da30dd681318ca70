//! What is in force: at the start, and from each SIGHUP on.

use super::{RunError, World, fleet, notify, surroundings};
use crate::{
    config::{Config, Files},
    metrics::words::Reload,
    shared::{Active, Shared},
};
use futures_util::{StreamExt, stream::BoxStream};
use sd_notify::NotifyState;
use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::time::sleep;

/// Finds out again and again whether DNS is dead. Never ends.
pub(super) async fn watch_dns(shared: Arc<Shared>) {
    loop {
        let active = shared.active.load_full();
        let pause = match active.verifier.dns() {
            Some(dns) => dns.watch().await,
            None => return,
        };
        drop(active);
        fleet::tell(&shared);
        sleep(pause).await;
    }
}

/// An old list calls genuine mail of a new domain a spoof.
pub(super) fn warn_of_age(config: &Config, now: SystemTime) {
    let made = Duration::from_secs(config.brand.updated_at().try_into().unwrap_or(0));
    let age = now.duration_since(UNIX_EPOCH + made).unwrap_or_default();
    if config.brand_warn_after.is_some_and(|limit| age > limit) {
        tracing::warn!(
            updated = config.brand.updated(),
            days = age.as_secs() / (24 * 60 * 60),
            "the list of domains is old: put a newer one into brand.file, or a newer release of the program"
        );
    }
}

/// Takes over a new configuration at every order, which is a SIGHUP: whole, or not at all.
pub(super) async fn on_order(
    mut orders: BoxStream<'static, ()>,
    world: Arc<World>,
    shared: Arc<Shared>,
) {
    // What a restart applies stays as it was at the start, however often a file is taken over.
    let started = shared.active.load().config.clone();
    while orders.next().await.is_some() {
        // systemd waits for the second word where the unit says Type=notify-reload.
        if let Ok(now) = NotifyState::monotonic_usec_now() {
            notify(&[NotifyState::Reloading, now]);
        }
        let result = (world.load)()
            .await
            .and_then(|config| world.activate(config, &shared.metrics, &shared.history));
        shared.history.reloaded(result.is_ok());
        shared.metrics.reloaded(match result {
            Ok(_) => Reload::Success,
            Err(_) => Reload::Failure,
        });
        let status = match result {
            Ok(active) => {
                go_on(&active, &shared.active.load());
                (world.log_level)(active.config.log_level);
                let restart = started.needs_restart(&active.config).join(", ");
                shared.active.store(Arc::new(active));
                fleet::tell(&shared);
                tell_success(&restart);
                "the configuration is in force"
            }
            Err(error) => {
                tell_failure(&error);
                "the last reload failed: the old configuration stays in force"
            }
        };
        notify(&[NotifyState::Ready, NotifyState::Status(status)]);
    }
}

/// A configuration that the program could start with as well: else it would not come back after the
/// next boot.
pub(super) async fn load(files: Files) -> Result<Config, RunError> {
    // A host's name may take long to resolve.
    let looked_up = tokio::task::spawn_blocking(move || {
        let config = Config::load(&files)?;
        match surroundings::faults(&config) {
            faults if faults.is_empty() => Ok(config),
            faults => Err(faults),
        }
    });
    match looked_up.await {
        Ok(result) => result.map_err(RunError::Config),
        Err(error) => Err(RunError::Environment(error.to_string())),
    }
}

/// Takes over what the old one knows of DNS.
fn go_on(new: &Active, old: &Active) {
    if let (Some(dns), Some(before)) = (new.verifier.dns(), old.verifier.dns()) {
        dns.continue_from(before);
        // What other servers said may be what they were left for.
        if servers(&new.config) == servers(&old.config) {
            dns.keep_from(before);
        }
    }
}

/// Whom DNS is asked.
fn servers(config: &Config) -> Option<&[SocketAddr]> {
    let dns = config.authenticate.dns.as_ref();
    dns.map(|dns| dns.servers.as_slice())
}

fn tell_success(restart: &str) {
    if restart.is_empty() {
        tracing::info!("the new configuration is in force for new connections");
    } else {
        tracing::warn!(
            keys = restart,
            "the new configuration is in force for new connections, but for these keys, which need a restart"
        );
    }
}

/// One record for each error: a line of the log is a record.
fn tell_failure(error: &RunError) {
    match error {
        RunError::Config(errors) => {
            for error in errors {
                tracing::error!(%error, "the new configuration is wrong");
            }
            tracing::error!(
                errors = errors.len(),
                "the old configuration stays in force"
            );
        }
        RunError::Environment(error) => {
            tracing::error!(error, "the old configuration stays in force");
        }
    }
}
