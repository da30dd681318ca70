//! Files of messages in a container: read under the runtimes' default seccomp profile, and bombs under a limit of
//! memory, as a kubelet sets it for the whole of a container.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use serde_json::json;

use super::attachments::build::{archive, corners, docx, png_of};
use super::attachments::mail::{code_in_pdf, with_file};
use super::support::hand_in::hand_in_whole;
use super::support::http::get;
use super::support::milter::fresh_folder;
use super::support::root::left_out;
use super::{Site, build, unpack};

/// What deploy/kubernetes allows a container.
const LIMIT: u64 = 1_536 << 20;

/// Built, unpacked and started with a limit of memory.
fn start(folder: &Path, limit: u64) -> Site {
    build(&folder.join("image"));
    let bundle = folder.join("bundle");
    let mut config = unpack(&folder.join("image"), &bundle);
    config["linux"]["resources"]["memory"] = json!({"limit": limit});
    Site::start(folder, bundle, config)
}

/// The memory of a container, by the kernel.
struct Cgroup(PathBuf);

impl Cgroup {
    fn of(site: &Site) -> Self {
        let id = site.container.id();
        let text = fs::read_to_string(format!("/proc/{id}/cgroup")).expect("its cgroups");
        let path = |mark: &str| {
            let mut lines = text.lines();
            lines.find_map(|line| Some(line.split_once(mark)?.1.trim_start_matches('/').to_owned()))
        };
        // Version 1 has a tree for memory alone.
        Self(match (path(":memory:"), path("0::")) {
            (Some(path), _) => Path::new("/sys/fs/cgroup/memory").join(path),
            (None, Some(path)) => Path::new("/sys/fs/cgroup").join(path),
            (None, None) => panic!("no cgroup: {text}"),
        })
    }

    fn number(&self, files: [&str; 2], key: &str) -> u64 {
        let text = files
            .iter()
            .find_map(|file| fs::read_to_string(self.0.join(file)).ok())
            .unwrap_or_else(|| panic!("{files:?} are not in {}", self.0.display()));
        let mut lines = text.lines();
        let found = lines.find_map(|line| line.strip_prefix(key)?.trim().parse().ok());
        found.unwrap_or_else(|| panic!("{key} is not in {text}"))
    }

    fn limit(&self) -> u64 {
        self.number(["memory.max", "memory.limit_in_bytes"], "")
    }

    /// The most that was held at a time.
    fn peak(&self) -> u64 {
        self.number(["memory.peak", "memory.max_usage_in_bytes"], "")
    }

    /// Processes that were ended since memory ran out.
    fn ended(&self) -> u64 {
        self.number(["memory.events", "memory.oom_control"], "oom_kill ")
    }
}

/// Files that make their readers take time or memory.
fn bombs() -> Vec<Vec<u8>> {
    let blanks = vec![b' '; 100 << 20];
    let letter = String::from_utf8(blanks.clone()).expect("text");
    let points = vec![0x55; 96_000_000];
    vec![
        corners(),
        png_of(6_000, 4_000, png::ColorType::Rgba, &points),
        archive(&[("a.txt", &blanks)]),
        docx(&letter, ""),
    ]
}

/// Hands in each of them a few times, all at once.
fn throw(site: &Site, times: usize) {
    let mails: Vec<Vec<u8>> = bombs()
        .iter()
        .map(|bomb| {
            let label = "application/octet-stream; name=\"notice\"";
            with_file("Your Amazon account is on hold", "Hello", label, bomb)
        })
        .collect();
    thread::scope(|scope| {
        for nth in 0..times * mails.len() {
            let mail = &mails[nth % mails.len()];
            scope.spawn(move || hand_in_whole(site.milter, &format!("BOMB{nth}"), mail));
        }
    });
}

fn decisions(site: &Site) -> String {
    get(site.http, "/decisions.txt", &[]).body
}

fn opened(site: &Site, kind: &str, outcome: &str) -> f64 {
    let series =
        format!("amazon_spoof_milter_attachments_total{{kind=\"{kind}\",outcome=\"{outcome}\"}} ");
    let metrics = get(site.http, "/metrics", &[]).body;
    let mut lines = metrics.lines();
    let found = lines.find_map(|line| line.strip_prefix(series.as_str())?.parse().ok());
    found.unwrap_or_else(|| panic!("{series} is not in {metrics}"))
}

/// A code in a PDF is read, and the mail judged by it.
fn reads_a_code(site: &Site, queue_id: &str) {
    let before = opened(site, "pdf", "read");
    hand_in_whole(site.milter, queue_id, &code_in_pdf());
    let text = decisions(site);
    let mut lines = text.lines();
    let line = lines.find(|line| line.contains(&format!(" {queue_id} ")));
    let line = line.unwrap_or_else(|| panic!("{queue_id} is not in {text}"));
    assert!(
        line.contains(" suspicious ") && line.contains("qr-link"),
        "{line}"
    );
    assert_eq!(opened(site, "pdf", "read"), before + 1.0);
}

#[test]
fn bombs_under_the_limit_leave_the_program_and_its_readers_alive() {
    if left_out("runc needs root here") {
        return;
    }
    let folder = fresh_folder();
    let mut site = start(&folder, LIMIT);
    let (id, memory) = (site.container.id(), Cgroup::of(&site));
    assert_eq!(memory.limit(), LIMIT);
    reads_a_code(&site, "CODE1");
    throw(&site, 6);
    let read = decisions(&site).matches("unread-attachment").count();
    assert!(read > 0, "{}", decisions(&site));
    // The limit lies above all bounds together: nobody was ended for want of memory, so that no kubelet ends the rest.
    assert_eq!(memory.ended(), 0);
    assert_eq!(site.container.id(), id);
    reads_a_code(&site, "CODE2");
    println!("24 bombs: at most {} MiB held", memory.peak() >> 20);
    assert!(memory.peak() < LIMIT, "{}", memory.peak());
    site.ends_well();
    let _ = fs::remove_dir_all(&folder);
}

#[test]
fn where_memory_runs_out_a_reader_goes_and_the_program_stays() {
    if left_out("runc needs root here") {
        return;
    }
    let folder = fresh_folder();
    // Enough for the program, and not for a reader of a large picture beside it.
    let mut site = start(&folder, 112 << 20);
    let (id, memory) = (site.container.id(), Cgroup::of(&site));
    throw(&site, 3);
    assert!(memory.ended() > 0, "{} held at most", memory.peak());
    assert_eq!(site.container.id(), id);
    reads_a_code(&site, "CODE1");
    println!("{} readers ended by the kernel", memory.ended());
    site.ends_well();
    let _ = fs::remove_dir_all(&folder);
}
