//! systemd hears that the program is ready, and then, as often as it wants, that messages get through.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use crate::Site;
use crate::limits::wrapper;
use crate::support::milter::{MilterConfig, fresh_folder};

#[test]
fn systemd_is_told_of_life_and_no_message_is_counted() {
    let folder = fresh_folder();
    let path = folder.join("notify");
    let systemd = UnixDatagram::bind(&path).expect("a socket");
    systemd
        .set_read_timeout(Some(Duration::from_secs(30)))
        .expect("a time-out");
    let hear = || {
        let mut word = [0; 256];
        let length = systemd.recv(&mut word).expect("a word of life");
        String::from_utf8_lossy(&word[..length]).trim().to_owned()
    };
    let lines = format!(
        "export NOTIFY_SOCKET='{}' WATCHDOG_USEC=400000 WATCHDOG_PID=$$\n",
        path.display()
    );
    // Its message claims nothing; where every message is authenticated it would have to wait for DNS.
    let config = MilterConfig {
        // Who knows a port of 127.0.0.1 from before knocks there, not here.
        milter: "listen = \"inet:127.0.0.9:0\"\n".to_owned(),
        rest: "[inspect]\nauthenticate = \"all\"\nbody = \"all\"\n".to_owned(),
        ..MilterConfig::default()
    };
    let site = Site::run(&wrapper(&folder, &lines), &config);
    assert_eq!(hear(), "READY=1");
    for _ in 0..3 {
        assert_eq!(hear(), "WATCHDOG=1");
    }
    assert_eq!(site.messages("unrelated", "accept"), 0.0);
    let connections = site.milter.metric("amazon_spoof_milter_connections_total");
    assert_eq!(connections, 0.0);
    assert!(
        site.dns.queries_of_mail().is_empty(),
        "{:?}",
        site.dns.queries_of_mail()
    );
    drop(site);
    std::fs::remove_dir_all(folder).expect("the folder");
}
