//! A real browser: headless Chromium, driven by ChromeDriver in the words of WebDriver (W3C), which is
//! JSON over HTTP. A client library would bring some sixty crates for it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};

use super::http;
use super::milter::fresh_folder;

/// How long something may take to be seen.
const PATIENCE: Duration = Duration::from_secs(60);

/// Nothing that Chromium does of its own accord, and what it needs to run as root without a screen.
const FLAGS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=en-US",
];

/// A browser with one window; dropping it ends it.
pub struct Browser {
    driver: Child,
    addr: SocketAddr,
    session: String,
    folder: PathBuf,
}

impl Browser {
    /// Installs what is missing, and starts it.
    pub fn start() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/install-browser.sh");
        let installed = Command::new("sh").arg(script).status().expect("a shell");
        assert!(installed.success(), "the browser could not be provided");
        Self::launch()
    }

    /// Starts the one that is installed.
    pub fn launch() -> Self {
        let folder = fresh_folder();
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .env("TMPDIR", &folder)
            .env("TZ", "UTC")
            // A group that ends as one, whatever the driver has started.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver");
        let mut lines = BufReader::new(driver.stdout.take().expect("its output")).lines();
        let port = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| {
                line.split_once("started successfully on port ")?
                    .1
                    .trim_end_matches('.')
                    .parse()
                    .ok()
            })
            .expect("the port of chromedriver");
        // Nobody else reads on, and a full pipe would stop it.
        thread::spawn(move || lines.for_each(drop));
        let mut browser = Self {
            driver,
            addr: SocketAddr::from(([127, 0, 0, 1], port)),
            session: String::new(),
            folder,
        };
        let profile = format!(
            "--user-data-dir={}",
            browser.folder.join("profile").display()
        );
        let flags: Vec<&str> = FLAGS.into_iter().chain([profile.as_str()]).collect();
        let created = browser.call(
            "/session",
            &json!({ "capabilities": { "alwaysMatch": {
                "browserName": "chrome",
                "goog:chromeOptions": { "args": flags },
                "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
            } } }),
        );
        browser.session = created["sessionId"].as_str().expect("a session").to_owned();
        browser
    }

    fn call(&self, path: &str, body: &Value) -> Value {
        let fields = [("Content-Type", "application/json")];
        let answer = http::post(self.addr, path, &fields, body.to_string().as_bytes());
        let value: Value = serde_json::from_str(&answer.body)
            .unwrap_or_else(|_| panic!("{path}: {}", answer.body));
        assert_eq!(answer.status, 200, "{path}: {}", value["value"]);
        value["value"].clone()
    }

    fn command(&self, name: &str, body: &Value) -> Value {
        self.call(&format!("/session/{}/{name}", self.session), body)
    }

    /// Goes there and waits till it is loaded.
    pub fn open(&self, url: &str) {
        self.command("url", &json!({ "url": url }));
    }

    /// What a function with this body returns; a promise is waited for.
    pub fn run(&self, script: &str) -> Value {
        self.command("execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Waits till a script returns something true; panics with the page where it never does.
    pub fn wait_for(&self, script: &str) -> Value {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            let value = self.run(script);
            if !matches!(value, Value::Null | Value::Bool(false)) {
                return value;
            }
            thread::sleep(Duration::from_millis(100));
        }
        let text = self.run("return document.body.innerText");
        panic!(
            "{script} does not come true on\n{}",
            text.as_str().unwrap_or_default()
        );
    }

    /// The element that a selector finds.
    fn element(&self, selector: &str) -> String {
        let found = self.command(
            "element",
            &json!({ "using": "css selector", "value": selector }),
        );
        let id = found.as_object().and_then(|found| found.values().next());
        id.and_then(Value::as_str).expect("an element").to_owned()
    }

    /// Clicks as a person does: where something lies above the element it fails.
    pub fn click(&self, selector: &str) {
        let element = self.element(selector);
        self.command(&format!("element/{element}/click"), &json!({}));
    }

    /// Types into an element; `\u{e007}` is Enter, `\u{e004}` is Tab.
    pub fn keys(&self, selector: &str, text: &str) {
        let element = self.element(selector);
        self.command(
            &format!("element/{element}/value"),
            &json!({ "text": text }),
        );
    }

    /// Light or dark, and the width of the window.
    pub fn look(&self, scheme: &str, width: u32) {
        let run = |command: &str, parameters: Value| {
            self.command(
                "goog/cdp/execute",
                &json!({ "cmd": command, "params": parameters }),
            )
        };
        run(
            "Emulation.setEmulatedMedia",
            json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] }),
        );
        run(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500 }),
        );
    }

    /// What is to be seen of the page, as PNG.
    pub fn picture(&self) -> Vec<u8> {
        self.captured(false)
    }

    fn captured(&self, whole: bool) -> Vec<u8> {
        let picture = self.command(
            "goog/cdp/execute",
            &json!({ "cmd": "Page.captureScreenshot", "params": { "format": "png", "captureBeyondViewport": whole } }),
        );
        let text = picture["data"].as_str().expect("a picture");
        BASE64_STANDARD.decode(text).expect("base64")
    }

    /// Whether scripts of pages run.
    pub fn scripts(&self, on: bool) {
        self.command(
            "goog/cdp/execute",
            &json!({ "cmd": "Emulation.setScriptExecutionDisabled", "params": { "value": !on } }),
        );
    }

    /// What the console says since it was last asked.
    pub fn console(&self) -> Vec<String> {
        let entries = self.command("se/log", &json!({ "type": "browser" }));
        let entries = entries.as_array().expect("a list");
        entries
            .iter()
            .map(|entry| entry["message"].to_string())
            .collect()
    }

    /// The addresses of all that the pages asked for since it was last asked. What the browser's own page
    /// for a new window asks for is left out, whatever it is: that differs by version and by how soon the
    /// page is left.
    pub fn requests(&self) -> Vec<String> {
        let entries = self.command("se/log", &json!({ "type": "performance" }));
        let entries = entries.as_array().expect("a list");
        let events = entries.iter().map(|entry| {
            let text = entry["message"].as_str().expect("an event");
            serde_json::from_str::<Value>(text).expect("JSON")["message"].clone()
        });
        let asked = events.filter(|event| event["method"] == "Network.requestWillBeSent");
        let of_pages = asked.filter(|event| {
            let page = event["params"]["documentURL"].as_str().unwrap_or_default();
            !page.starts_with("chrome:") && !page.starts_with("chrome-untrusted:")
        });
        of_pages
            .map(|event| {
                let url = event["params"]["request"]["url"].as_str();
                url.unwrap_or_default().to_owned()
            })
            .collect()
    }

    /// Saves what is seen, the whole length of the page, into the folder that the environment names by SCREENSHOTS, for
    /// a person to look at.
    pub fn save(&self, name: &str) {
        let Some(folder) = std::env::var_os("SCREENSHOTS") else {
            return;
        };
        let path = PathBuf::from(folder).join(format!("{name}.png"));
        fs::write(path, self.captured(true)).expect("write");
    }

    /// What axe-core finds serious or critical on the page that is open, a line each.
    pub fn barriers(&self) -> Vec<String> {
        let axe = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/axe/axe.min.js");
        let axe = fs::read_to_string(axe).expect("axe-core");
        self.run(&format!("{axe}; window.axe = axe; return true"));
        let found = self.run(
            "return axe.run(document, { resultTypes: ['violations'] }).then(found => ({
                 passed: found.passes.length,
                 barriers: found.violations
                     .filter(rule => ['serious', 'critical'].includes(rule.impact))
                     .map(rule => rule.id + ': ' + rule.help + ': '
                         + rule.nodes.map(node => node.html).slice(0, 3).join(' | ')) }))",
        );
        assert!(
            found["passed"].as_u64() > Some(5),
            "axe-core found nothing to look at: {found}"
        );
        let barriers = found["barriers"].as_array().expect("a list");
        barriers.iter().map(|barrier| barrier.to_string()).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            let request = format!(
                "DELETE /session/{} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
                self.session, self.addr
            );
            let _ = http::exchange(self.addr, request.as_bytes());
        }
        let group = i32::try_from(self.driver.id()).ok().and_then(Pid::from_raw);
        if let Some(group) = group {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.driver.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
