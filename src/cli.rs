//! The command line.

mod completions;
mod held;
mod manual;

use crate::{
    attachments,
    check::{self, CheckOptions, Format},
    config::{Config, ConfigError, Files, reference},
    domains,
    held::{HeldError, HeldOptions},
    runtime, server,
};
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use held::HeldCommand;
use std::{
    io::{self, Write},
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    process::ExitCode,
};
use tokio::runtime::Builder;

/// Wrong use, wrong configuration, or something unreadable.
const EXIT_USAGE: u8 = 2;
/// A failure at run time.
const EXIT_FAILURE: u8 = 1;

/// The arguments.
#[derive(Debug, Parser)]
#[command(
    name = "amazon-spoof-milter",
    version,
    about = env!("CARGO_PKG_DESCRIPTION"),
    long_about = None,
    max_term_width = 100
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the milter
    #[command(
        after_help = "Exit status: 0 after SIGTERM or SIGINT, 1 a failure at run time, 2 a wrong configuration"
    )]
    Run {
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Judge messages in files, folders, mailboxes or on standard input
    #[command(
        after_help = "Exit status: 0 nothing was judged forged, lookalike or impersonation, 1 something was, 2 wrong use, or something could not be read"
    )]
    Check(Box<CheckArguments>),
    /// Show the official list, and what a host is to it
    Domains {
        #[command(subcommand)]
        command: DomainsCommand,
    },
    /// Check or show the configuration
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// List, release and delete mail that this filter put on hold in Postfix' queue (root)
    Held {
        #[command(subcommand)]
        command: HeldCommand,
    },
    /// Print a manual page
    Man {
        /// Which one
        #[arg(value_enum, default_value_t = ManualPage::Commands)]
        page: ManualPage,
    },
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// What the program starts for itself to open the files of a message
    #[command(hide = true)]
    ReadAttachment,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ManualPage {
    /// amazon-spoof-milter(1)
    Commands,
    /// amazon-spoof-milter.toml(5)
    Configuration,
}

#[derive(Args, Debug)]
struct ConfigFile {
    /// The configuration file [default: /etc/amazon-spoof-milter/config.toml where it exists]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder whose *.toml are read after the file, in the order of their names [default:
    /// /etc/amazon-spoof-milter/config.d where it exists and no --config is given]
    #[arg(long, value_name = "DIR")]
    config_dir: Option<PathBuf>,
}

impl From<ConfigFile> for Files {
    fn from(arguments: ConfigFile) -> Self {
        Self {
            file: arguments.config,
            folder: arguments.config_dir,
        }
    }
}

#[derive(Args, Debug)]
struct CheckArguments {
    #[command(flatten)]
    config: ConfigFile,
    /// The address of the client that is to be assumed
    #[arg(long, value_name = "IP")]
    client_ip: Option<IpAddr>,
    /// The client's HELO
    #[arg(long, value_name = "NAME")]
    helo: Option<String>,
    /// The envelope sender; '<>' is the null sender
    #[arg(long, value_name = "ADDR")]
    mail_from: Option<String>,
    /// An envelope recipient
    #[arg(long = "rcpt", value_name = "ADDR")]
    recipients: Vec<String>,
    /// Take client, HELO and MAIL FROM from the message's own trace fields: N is the number of
    /// Received fields at the top that trusted servers wrote. Without it, and without an envelope,
    /// the trace is a hint in the output alone
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    trust_received: usize,
    /// The DNS server to ask instead of the configured ones
    #[arg(long, value_name = "ADDR:PORT", conflicts_with = "offline")]
    dns: Option<SocketAddr>,
    /// Ask no DNS: what only DNS could settle is unverifiable
    #[arg(long)]
    offline: bool,
    /// How results are shown
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
    /// Print the table at the end alone
    #[arg(long, conflicts_with = "only_spoofs")]
    summary: bool,
    /// Leave out what is unrelated, verified or exempt
    #[arg(long)]
    only_spoofs: bool,
    /// Files, folders, or - for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum OutputFormat {
    /// For people
    Text,
    /// One JSON object a message and line
    Json,
}

#[derive(Debug, Subcommand)]
enum DomainsCommand {
    /// Print each entry with its class and source
    List {
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Print what each host is: official, owned, lookalike or unrelated, and why
    Classify {
        #[command(flatten)]
        config: ConfigFile,
        /// The hosts; without any, one a line from standard input
        #[arg(value_name = "HOST")]
        hosts: Vec<String>,
    },
    /// Ask DNS about each domain of the list, and tell what changed, what is gone and what was added
    #[command(
        after_help = "Exit status: 0 same, 1 something differs, 2 something could not be asked"
    )]
    Audit(AuditArguments),
}

#[derive(Args, Debug)]
struct AuditArguments {
    #[command(flatten)]
    config: ConfigFile,
    /// The DNS server to ask instead of the configured ones
    #[arg(long, value_name = "ADDR:PORT")]
    dns: Option<SocketAddr>,
    /// The snapshot to compare with [default: the one of this release]
    #[arg(long, value_name = "FILE")]
    snapshot: Option<PathBuf>,
    /// How the result is shown
    #[arg(long, value_enum, default_value_t = AuditOutput::Text)]
    format: AuditOutput,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum AuditOutput {
    /// For people
    Text,
    /// One JSON object
    Json,
    /// What DNS says now, as a snapshot for --snapshot
    Toml,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Tell everything that is wrong with the configuration, or would keep the service from starting
    #[command(after_help = "Exit status: 0 it is right, 2 it is wrong")]
    Check {
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Print the configuration that is in force, defaults included
    Show {
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Print a file to begin with: every key with its default, commented out
    Example,
}

impl Cli {
    /// Runs the command.
    pub fn execute(self) -> ExitCode {
        match self.command {
            Command::Run { config } => serve(config),
            Command::Check(arguments) => shown(on_runtime(
                &mut Builder::new_multi_thread(),
                check::run((*arguments).into()),
            )),
            Command::Domains { command } => official_list(command),
            Command::Config { command } => configuration(command),
            Command::Man { page } => finish(match page {
                ManualPage::Commands => manual::page(Self::command())
                    .and_then(|page| io::stdout().lock().write_all(&page)),
                ManualPage::Configuration => print(&reference::man()),
            }),
            Command::Held { command } => on_hold(&command.into()),
            Command::Completions { shell } => {
                let script = completions::script(shell, &mut Self::command());
                finish(io::stdout().lock().write_all(&script))
            }
            Command::ReadAttachment => finish(attachments::read_attachment()),
        }
    }
}

fn on_hold(options: &HeldOptions) -> ExitCode {
    match crate::held::run(options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(EXIT_FAILURE),
        Err(HeldError::Output(error)) => finish(Err(error)),
        Err(error @ HeldError::NotRoot) => fail(&error.to_string(), EXIT_USAGE),
        Err(error @ HeldError::Postfix(_)) => fail(&error.to_string(), EXIT_FAILURE),
    }
}

fn official_list(command: DomainsCommand) -> ExitCode {
    let result = match command {
        DomainsCommand::List { config } => domains::list(&config.into()),
        DomainsCommand::Classify { config, hosts } => domains::classify(&config.into(), &hosts),
        DomainsCommand::Audit(arguments) => return audit(arguments),
    };
    match result {
        Ok(written) => finish(written),
        Err(errors) => refuse(&errors),
    }
}

fn audit(arguments: AuditArguments) -> ExitCode {
    let options = domains::AuditOptions {
        config: arguments.config.into(),
        dns: arguments.dns,
        snapshot: arguments.snapshot,
        format: match arguments.format {
            AuditOutput::Text => domains::AuditFormat::Text,
            AuditOutput::Json => domains::AuditFormat::Json,
            AuditOutput::Toml => domains::AuditFormat::Toml,
        },
    };
    shown(on_runtime(
        &mut Builder::new_multi_thread(),
        domains::audit(options),
    ))
}

/// Whether all could be shown, and the exit code.
type Shown = Result<(io::Result<()>, u8), Vec<ConfigError>>;

/// The end of a command that shows a result and has exit codes of its own.
fn shown(ended: Result<Shown, ExitCode>) -> ExitCode {
    match ended {
        // What could not be written has not been told, so that no other code may stand for it.
        Ok(Ok((Err(error), _))) if error.kind() != io::ErrorKind::BrokenPipe => {
            fail(&error.to_string(), EXIT_USAGE)
        }
        Ok(Ok((_, code))) => ExitCode::from(code),
        Ok(Err(errors)) => refuse(&errors),
        Err(_) => ExitCode::from(EXIT_USAGE),
    }
}

fn configuration(command: ConfigCommand) -> ExitCode {
    match command {
        ConfigCommand::Check { config } => check_configuration(&config.into()),
        ConfigCommand::Show { config } => match Config::load(Files::from(config)) {
            Ok(config) => finish(print(&config.effective)),
            Err(errors) => refuse(&errors),
        },
        ConfigCommand::Example => finish(print(&reference::example())),
    }
}

/// What the service would say at its start. Its own configuration is looked at with the eyes of its
/// account: root may read what it may not.
fn check_configuration(files: &Files) -> ExitCode {
    if *files == Files::default()
        && let Err(error) = server::take_on_account()
    {
        let _ = writeln!(
            io::stderr().lock(),
            "amazon-spoof-milter: looked at as root, not as the account of the service: {error}"
        );
    }
    let checked =
        Config::load(files).and_then(|config| match server::faults_of_surroundings(&config) {
            faults if faults.is_empty() => Ok(config.read_from),
            faults => Err(faults),
        });
    match checked {
        Ok(files) => {
            let files = files.iter().map(|file| format!("read: {file}\n"));
            let files: String = files.collect();
            finish(print(&format!("the configuration is right\n{files}")))
        }
        Err(errors) => refuse(&errors),
    }
}

fn print(text: &str) -> io::Result<()> {
    io::stdout().lock().write_all(text.as_bytes())
}

/// Makes what needs threads: where files or threads lack, the library panics, and may then wait for ever for
/// those that it has.
fn with_threads<T>(make: impl FnOnce() -> io::Result<T>) -> Result<T, ExitCode> {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {
        let _ = fail(
            "the runtime can't be started: files or threads that it needs can't be had",
            EXIT_FAILURE,
        );
        std::process::exit(EXIT_FAILURE.into());
    }));
    let made = make();
    std::panic::set_hook(hook);
    made.map_err(|error| {
        fail(
            &format!("the runtime can't be started: {error}"),
            EXIT_FAILURE,
        )
    })
}

fn on_runtime<T>(runtime: &mut Builder, work: impl Future<Output = T>) -> Result<T, ExitCode> {
    let runtime = with_threads(|| runtime::with_blocking_thread(runtime))?;
    let result = runtime.block_on(work);
    // Connections that would not end in time are not waited for again.
    runtime.shutdown_background();
    Ok(result)
}

/// Runs the milter; each of its workers has a runtime of its own.
fn serve(config: ConfigFile) -> ExitCode {
    let served = with_threads(server::Runtimes::new).and_then(|workers| {
        on_runtime(
            &mut Builder::new_current_thread(),
            server::run(config.into(), workers),
        )
    });
    match served {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => {
            let code = match error {
                server::RunError::Config(_) => EXIT_USAGE,
                server::RunError::Environment(_) => EXIT_FAILURE,
            };
            fail(&error.to_string(), code)
        }
        Err(code) => code,
    }
}

fn refuse(errors: &[ConfigError]) -> ExitCode {
    fail(
        &server::RunError::Config(errors.to_vec()).to_string(),
        EXIT_USAGE,
    )
}

fn fail(message: &str, code: u8) -> ExitCode {
    let _ = writeln!(io::stderr().lock(), "amazon-spoof-milter: {message}");
    ExitCode::from(code)
}

/// A reader who went away (`| head`) is no fault.
fn finish(written: io::Result<()>) -> ExitCode {
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => fail(&error.to_string(), EXIT_FAILURE),
    }
}

impl From<CheckArguments> for CheckOptions {
    fn from(arguments: CheckArguments) -> Self {
        Self {
            config: arguments.config.into(),
            client_ip: arguments.client_ip,
            helo: arguments.helo,
            mail_from: arguments.mail_from,
            recipients: arguments.recipients,
            trust_received: arguments.trust_received,
            dns: arguments.dns,
            offline: arguments.offline,
            format: match arguments.format {
                OutputFormat::Text => Format::Text,
                OutputFormat::Json => Format::Json,
            },
            shown: match (arguments.summary, arguments.only_spoofs) {
                (true, _) => check::Shown::Summary,
                (false, true) => check::Shown::Spoofs,
                (false, false) => check::Shown::All,
            },
            paths: arguments.paths,
        }
    }
}
