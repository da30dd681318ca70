//! deploy/kubernetes: put together by a real kustomize, checked against the schemas of the three newest versions, and
//! for what this program promises there. No cluster is started; docs/kubernetes.md says what that leaves open.

// In a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::{Value, json};
use support::milter::fresh_folder;
use support::unpacked::Unpacked;

const VARIANTS: [&str; 3] = ["base", "unbound", "sidecar"];

/// The three newest versions that the schemas of this release have.
const VALIDATOR: &str = "kubernetes-validate==1.37.0";
const VERSIONS: [&str; 3] = ["1.35.0", "1.36.0", "1.37.0"];

fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Python with the schemas, in `target/kubernetes`.
fn python() -> &'static Path {
    static FOUND: OnceLock<PathBuf> = OnceLock::new();
    FOUND.get_or_init(|| {
        let folder = file("target/kubernetes");
        let done = |command: &mut Command| {
            let status = command.status().expect("a program");
            assert!(status.success(), "{command:?}");
        };
        if !folder.join("bin/pip").exists() {
            done(Command::new("python3").args(["-m", "venv"]).arg(&folder));
        }
        done(Command::new(folder.join("bin/pip")).args(["--quiet", "install", VALIDATOR]));
        folder.join("bin/python")
    })
}

/// What kustomize makes of a folder.
fn built(folder: &Path) -> String {
    let programs = Unpacked::packages("kubernetes-pkg", &["kubernetes-client"]);
    let output = programs
        .command("kubectl")
        .arg("kustomize")
        .arg(folder)
        .output()
        .expect("kubectl");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", folder.display());
    String::from_utf8(output.stdout).expect("text")
}

/// The documents of a YAML text.
fn documents(yaml: &str) -> Vec<Value> {
    let script = "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(sys.stdin))))";
    let mut child = Command::new(python())
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python");
    let mut pipe = child.stdin.take().expect("a pipe");
    pipe.write_all(yaml.as_bytes()).expect("its input");
    drop(pipe);
    let output = child.wait_with_output().expect("its end");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn variant(name: &str) -> Vec<Value> {
    documents(&built(&file("deploy/kubernetes").join(name)))
}

fn of_kind<'a>(all: &'a [Value], kind: &str) -> &'a Value {
    let mut found = all.iter().filter(|one| one["kind"] == kind);
    let one = found.next().unwrap_or_else(|| panic!("no {kind}"));
    assert!(found.next().is_none(), "several {kind}");
    one
}

/// Whether the schema of a version takes this, and what it says.
fn validate(yaml: &str, version: &str) -> (bool, String) {
    let folder = fresh_folder();
    let path = folder.join("all.yaml");
    fs::write(&path, yaml).expect("write");
    let output = Command::new(python())
        .args(["-m", "kubernetes_validate", "--strict", "-k", version])
        .arg(&path)
        .output()
        .expect("kubernetes-validate");
    let _ = fs::remove_dir_all(&folder);
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

#[test]
fn the_three_newest_versions_take_the_manifests() {
    for name in VARIANTS {
        let yaml = built(&file("deploy/kubernetes").join(name));
        for version in VERSIONS {
            let (passes, said) = validate(&yaml, version);
            assert!(passes, "{name}, {version}: {said}");
        }
        // A word that is not known would have been found.
        let wrong = yaml.replace("readOnlyRootFilesystem", "readOnlyRootFileSystem");
        assert_ne!(wrong, yaml, "{name}");
        assert!(!validate(&wrong, VERSIONS[2]).0, "{name}");
    }
}

#[test]
fn a_changed_configuration_rolls_out() {
    let folder = fresh_folder().join("base");
    fs::create_dir_all(&folder).expect("a folder");
    for entry in fs::read_dir(file("deploy/kubernetes/base")).expect("the folder") {
        let path = entry.expect("a file").path();
        fs::copy(&path, folder.join(path.file_name().expect("a name"))).expect("a copy");
    }
    let name_of = |all: &[Value]| {
        let map = of_kind(all, "ConfigMap")["metadata"]["name"].clone();
        let volumes = &of_kind(all, "Deployment")["spec"]["template"]["spec"]["volumes"];
        let volume = volumes
            .as_array()
            .expect("volumes")
            .iter()
            .find(|one| one["name"] == "config");
        assert_eq!(
            volume.expect("a volume")["configMap"]["name"],
            map,
            "the pods use it"
        );
        map.as_str().expect("a name").to_owned()
    };
    let before = name_of(&documents(&built(&folder)));
    assert!(before.starts_with("amazon-spoof-milter-"), "{before}");
    let config = folder.join("config.toml");
    let text = fs::read_to_string(&config).expect("the configuration");
    fs::write(&config, format!("{text}\n[policy]\npreset = \"enforce\"\n")).expect("write");
    assert_ne!(name_of(&documents(&built(&folder))), before);
}

/// As the Pod Security Standard "restricted" asks, and a root that nobody can write to.
fn is_restricted(pod: &Value, container: &Value) {
    let name = &container["name"];
    let of_either = |key: &str| match &container["securityContext"][key] {
        Value::Null => pod["securityContext"][key].clone(),
        own => own.clone(),
    };
    assert_eq!(of_either("runAsNonRoot"), json!(true), "{name}");
    assert_eq!(of_either("runAsUser"), json!(65_532), "{name}");
    assert_eq!(
        of_either("seccompProfile"),
        json!({"type": "RuntimeDefault"}),
        "{name}"
    );
    let own = &container["securityContext"];
    assert_eq!(own["allowPrivilegeEscalation"], json!(false), "{name}");
    assert_eq!(own["capabilities"], json!({"drop": ["ALL"]}), "{name}");
    assert_eq!(own["readOnlyRootFilesystem"], json!(true), "{name}");
    for key in ["hostNetwork", "hostPID", "hostIPC"] {
        assert_eq!(pod[key], Value::Null, "{name}");
    }
    for volume in pod["volumes"].as_array().into_iter().flatten() {
        assert_eq!(volume["hostPath"], Value::Null, "{name}");
    }
    assert_eq!(pod["automountServiceAccountToken"], json!(false), "{name}");
    assert!(
        container["resources"]["limits"]["memory"].is_string(),
        "{name}"
    );
}

#[test]
fn pods_are_restricted_and_end_without_haste() {
    let base = variant("base");
    let pod = &of_kind(&base, "Deployment")["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    is_restricted(pod, container);
    // First it leaves the Service, then messages get 20 s, then the last decisions are written.
    assert_eq!(
        container["lifecycle"]["preStop"],
        json!({"sleep": {"seconds": 15}})
    );
    assert_eq!(pod["terminationGracePeriodSeconds"], json!(45));
    assert_eq!(container["readinessProbe"]["httpGet"]["path"], "/readyz");
    assert_eq!(container["livenessProbe"]["httpGet"]["path"], "/healthz");
    assert_eq!(container["resources"]["limits"]["memory"], "1536Mi");
    let strategy = &of_kind(&base, "Deployment")["spec"]["strategy"]["rollingUpdate"];
    assert_eq!(*strategy, json!({"maxSurge": 1, "maxUnavailable": 0}));
    assert_eq!(
        of_kind(&base, "PodDisruptionBudget")["spec"]["maxUnavailable"],
        json!(1)
    );
    // Whoever sets a number beside an autoscaler sets it back at each rollout.
    assert_eq!(
        of_kind(&base, "Deployment")["spec"]["replicas"],
        Value::Null
    );
    assert_eq!(
        of_kind(&base, "HorizontalPodAutoscaler")["spec"]["minReplicas"],
        json!(3)
    );

    let sidecar = variant("sidecar");
    let pod = &of_kind(&sidecar, "Deployment")["spec"]["template"]["spec"];
    is_restricted(pod, &pod["initContainers"][0]);
    assert_eq!(pod["initContainers"][0]["restartPolicy"], "Always");
    let unbound = variant("unbound");
    let pod = &of_kind(&unbound, "DaemonSet")["spec"]["template"]["spec"];
    is_restricted(pod, &pod["containers"][0]);
    assert_eq!(
        of_kind(&unbound, "Service")["spec"]["internalTrafficPolicy"],
        "Local"
    );
    assert_eq!(
        of_kind(&unbound, "Service")["spec"]["clusterIP"],
        "10.96.0.53"
    );
}

/// Newer kubelets end a whole container where one of its processes runs out of memory.
#[test]
fn the_limit_of_memory_lies_above_all_bounds_together() {
    // milter.max_memory, the program with its DNS cache, four readers of files, and bodies that are looked into.
    const BOUNDS: u64 = 256 + 50 + 4 * 192 + 256;
    for (name, containers) in [("base", "containers"), ("sidecar", "initContainers")] {
        let all = variant(name);
        let pod = &of_kind(&all, "Deployment")["spec"]["template"]["spec"];
        let limit = pod[containers][0]["resources"]["limits"]["memory"].as_str();
        let limit = limit.and_then(|limit| limit.strip_suffix("Mi"));
        let limit: u64 = limit.expect("MiB").parse().expect("a number");
        assert!(limit >= BOUNDS, "{name}: {limit}");
        let config = of_kind(&all, "ConfigMap")["data"]["config.toml"].as_str();
        let config = config.expect("a configuration");
        assert!(
            config.contains("\nmax_memory = \"256MiB\"\n"),
            "{name}: {config}"
        );
    }
}

#[test]
fn the_network_policy_lets_out_nothing_but_dns_and_the_store() {
    let base = variant("base");
    let policy = &of_kind(&base, "NetworkPolicy")["spec"];
    let pods =
        |name: &str| json!([{"podSelector": {"matchLabels": {"app.kubernetes.io/name": name}}}]);
    assert_eq!(policy["policyTypes"], json!(["Ingress", "Egress"]));
    let egress = policy["egress"].as_array().expect("egress");
    assert_eq!(egress.len(), 2, "{egress:?}");
    assert_eq!(egress[0]["to"], pods("unbound"));
    assert_eq!(egress[1]["to"], pods("valkey"));
    assert_eq!(egress[1]["ports"], json!([{"port": 6379}]));
    let ingress = policy["ingress"].as_array().expect("ingress");
    assert_eq!(ingress.len(), 2, "{ingress:?}");
    assert_eq!(
        ingress[0],
        json!({"from": pods("postfix"), "ports": [{"port": 8895}]})
    );
    // The port of the resolver's pods, by which a policy judges, and not that of its Service.
    let unbound = variant("unbound");
    let ports =
        of_kind(&unbound, "DaemonSet")["spec"]["template"]["spec"]["containers"][0]["ports"]
            .clone();
    for (at, protocol) in ["UDP", "TCP"].into_iter().enumerate() {
        assert_eq!(ports[at]["protocol"], protocol);
        assert_eq!(
            egress[0]["ports"][at],
            json!({"port": ports[at]["containerPort"], "protocol": protocol})
        );
    }
}

#[test]
fn their_configurations_are_right_and_hold_no_secret() {
    for name in ["base", "sidecar"] {
        let all = variant(name);
        assert!(
            all.iter().all(|one| one["kind"] != "Secret"),
            "{name}: a secret is made by hand"
        );
        let map = of_kind(&all, "ConfigMap");
        let text = map["data"]["config.toml"]
            .as_str()
            .expect("a configuration");
        let folder = fresh_folder();
        for secret in ["http-token", "store-password"] {
            let file = folder.join(secret);
            fs::write(&file, "0123456789abcdef\n").expect("write");
            fs::set_permissions(&file, Permissions::from_mode(0o440)).expect("its mode");
        }
        let text = text.replace(
            "/etc/amazon-spoof-milter-secrets",
            &folder.display().to_string(),
        );
        fs::write(folder.join("config.toml"), &text).expect("write");
        let output = Command::new(env!("CARGO_BIN_EXE_amazon-spoof-milter"))
            .args(["config", "check", "--config"])
            .arg(folder.join("config.toml"))
            .output()
            .expect("the program");
        let said = [output.stdout, output.stderr].concat();
        assert!(
            output.status.success(),
            "{name}: {}",
            String::from_utf8_lossy(&said)
        );
        let _ = fs::remove_dir_all(&folder);
    }
}
