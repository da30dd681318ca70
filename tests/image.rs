//! The container image: the same digest from two builds, nothing in it but the program and its libraries, and at work
//! under runc as a cluster would run it: read-only, without a capability, under the runtimes' default seccomp profile.

// In a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

#[path = "attachments/whole.rs"]
mod attachments;
#[path = "image/container.rs"]
mod container;
#[path = "image/files.rs"]
mod files;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use container::Container;
use serde_json::{Value, json};
use support::balancer::free_addr;
use support::dns::ZoneServer;
use support::hand_in::hand_in;
use support::http::get;
use support::milter::fresh_folder;
use support::root::left_out;
use support::samples::zone;
use support::unpacked::Unpacked;

fn tools() -> Unpacked {
    // As deploy/image/build.sh has them.
    let packages = [
        "umoci",
        "skopeo",
        "runc",
        "bubblewrap",
        "golang-github-containers-common",
    ];
    Unpacked::packages("image-pkg", &packages)
}

/// Builds an image of the program of these tests; returns its digest.
fn build(folder: &Path) -> String {
    let output = Command::new("sh")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/image/build.sh"))
        .arg(env!("CARGO_BIN_EXE_amazon-spoof-milter"))
        .arg(folder)
        .output()
        .expect("a shell");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let digest = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    assert!(
        digest.starts_with("sha256:") && digest.len() == 71,
        "{digest}"
    );
    digest
}

/// The bundle of an image, for runc.
fn unpack(image: &Path, bundle: &Path) -> Value {
    let version = env!("CARGO_PKG_VERSION");
    let output = tools()
        .command("umoci")
        .args([
            "unpack",
            "--image",
            &format!("{}:{version}", image.join("oci").display()),
        ])
        .arg(bundle)
        .output()
        .expect("umoci");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let config = fs::read_to_string(bundle.join("config.json")).expect("its configuration");
    serde_json::from_str(&config).expect("JSON")
}

/// The files below a folder, without it.
fn listed(folder: &Path, below: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("a file").path();
        match path.is_dir() {
            true => found.extend(listed(&path, below)),
            false => found.push(
                path.strip_prefix(below)
                    .expect("below")
                    .display()
                    .to_string(),
            ),
        }
    }
    found.sort();
    found
}

/// The default profile of the containers' tools, as runc wants it for a process without capabilities.
fn seccomp() -> Value {
    let path = tools().0.join("usr/share/containers/seccomp.json");
    let profile: Value =
        serde_json::from_str(&fs::read_to_string(path).expect("the profile")).expect("JSON");
    let here = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    let all = profile["syscalls"].as_array().expect("rules").iter();
    let rules: Vec<Value> = all
        .filter(|rule| {
            let arches = rule["includes"]["arches"].as_array();
            rule["includes"]["caps"].is_null()
                && arches.is_none_or(|arches| arches.iter().any(|arch| arch == here))
        })
        .map(|rule| {
            let mut kept = json!({"names": rule["names"], "action": rule["action"]});
            for key in ["args", "errnoRet"] {
                if !rule[key].is_null() {
                    kept[key] = rule[key].clone();
                }
            }
            kept
        })
        .collect();
    assert!(rules.len() > 5, "{rules:?}");
    json!({
        "defaultAction": profile["defaultAction"], "defaultErrnoRet": profile["defaultErrnoRet"],
        "architectures": [format!("SCMP_ARCH_{}", std::env::consts::ARCH.to_uppercase())],
        "syscalls": rules,
    })
}

/// The image's own configuration, on this machine's network, as a cluster would run it.
fn hardened(mut config: Value, folder: &Path) -> Value {
    config["process"]["terminal"] = json!(false);
    config["process"]["capabilities"] = json!({});
    // Clusters give more; the tool's default is below what the connections of the default configuration need.
    config["process"]["rlimits"] = json!([{"type": "RLIMIT_NOFILE", "hard": 8_192, "soft": 8_192}]);
    config["root"]["readonly"] = json!(true);
    config["linux"]["seccomp"] = seccomp();
    let namespaces = config["linux"]["namespaces"]
        .as_array_mut()
        .expect("namespaces");
    namespaces.retain(|namespace| namespace["type"] != "network");
    let mounts = config["mounts"].as_array_mut().expect("mounts");
    // The cgroups of a machine of which this may be a container itself are none of its business.
    mounts.retain(|mount| mount["type"] != "cgroup" && mount["type"] != "sysfs");
    mounts.push(json!({
        "destination": "/etc/amazon-spoof-milter", "type": "bind", "source": folder, "options": ["bind", "ro"],
    }));
    config
}

/// The image at work, with the DNS that it asks.
struct Site {
    container: Container,
    _dns: ZoneServer,
    milter: SocketAddr,
    http: SocketAddr,
}

impl Site {
    /// Starts a bundle with a configuration that is written below this folder.
    fn start(folder: &Path, bundle: PathBuf, config: Value) -> Self {
        let dns = ZoneServer::start(&zone());
        let (milter, http) = (free_addr(), free_addr());
        let own = folder.join("config");
        fs::create_dir_all(&own).expect("a folder");
        let text = format!(
            "[milter]\nlisten = \"inet:{milter}\"\n[http]\nlisten = \"{http}\"\n[dns]\nservers = [\"{}\"]\n",
            dns.addr
        );
        fs::write(own.join("config.toml"), text).expect("write");
        let mut container = Container::run(bundle, &hardened(config, &own));
        container.wait_for(" ready ");
        Self {
            container,
            _dns: dns,
            milter,
            http,
        }
    }

    /// It stops as it should, and nothing was the matter.
    fn ends_well(&mut self) {
        let log = self.container.log();
        assert!(!log.contains("can't be") && !log.contains("WARN"), "{log}");
        assert_eq!(self.container.stop(), Some(0), "{}", self.container.log());
    }
}

#[test]
fn two_builds_are_one_image_and_it_judges_mail_under_runc() {
    if left_out("runc needs root here") {
        return;
    }
    let folder = fresh_folder();
    let digest = build(&folder.join("one"));
    assert_eq!(digest, build(&folder.join("two")), "two builds");
    let bundle = folder.join("bundle");
    let config = unpack(&folder.join("one"), &bundle);
    assert_eq!(
        config["process"]["user"],
        json!({"uid": 65_532, "gid": 65_532})
    );
    assert_eq!(
        config["process"]["args"],
        json!(["/usr/bin/amazon-spoof-milter", "run"])
    );
    assert_eq!(
        config["annotations"]["org.opencontainers.image.version"],
        env!("CARGO_PKG_VERSION")
    );
    let inside = listed(&bundle.join("rootfs"), &bundle.join("rootfs"));
    let is_known = |path: &String| {
        path.contains("/lib") && path.contains(".so")
            || path.contains("ld-linux")
            || path.starts_with("etc/")
            || path.starts_with("usr/share/doc/")
            || path == "usr/bin/amazon-spoof-milter"
    };
    let strange: Vec<_> = inside
        .iter()
        .filter(|path| !is_known(path) && !path.starts_with("lib"))
        .collect();
    assert!(strange.is_empty() && inside.len() < 16, "{inside:?}");
    let parts = fs::read_to_string(folder.join("one/sbom.spdx.json")).expect("the list of parts");
    let parts: Value = serde_json::from_str(&parts).expect("JSON");
    let names: Vec<_> = parts["packages"]
        .as_array()
        .expect("parts")
        .iter()
        .map(|part| &part["name"])
        .collect();
    for part in [
        "indymilter",
        "mail-auth",
        "redis",
        "libc6",
        "amazon-spoof-milter",
    ] {
        assert!(
            names.iter().any(|name| *name == part),
            "{part} is not in {names:?}"
        );
    }

    let mut site = Site::start(&folder, bundle, config);
    hand_in(
        site.milter,
        "AA1",
        "\"Amazon.com\" <account-update@amazon.com>",
        "hello\r\n",
    );
    let text = get(site.http, "/decisions.txt", &[]).body;
    assert!(
        text.contains(" AA1 forged tag amazon.com official-author-domain,"),
        "{text}"
    );
    let metrics = get(site.http, "/metrics", &[]).body;
    assert!(
        metrics.contains("process_resident_memory_bytes"),
        "{metrics}"
    );
    site.ends_well();
    let _ = fs::remove_dir_all(&folder);
}
