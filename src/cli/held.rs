//! The arguments of `held`.

use crate::held::{self, Age, Chosen, Format, HeldId, HeldOptions, Recipient};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

const EXIT_STATUS: &str =
    "Exit status: 0 all was done, 1 something could not be done, 2 wrong use, or not root";

#[derive(Debug, Subcommand)]
pub(super) enum HeldCommand {
    /// Print each message that this filter put on hold, with the reason
    #[command(after_help = EXIT_STATUS)]
    List {
        #[command(flatten)]
        common: Common,
        /// How the list is shown
        #[arg(long, value_enum, default_value_t = ListFormat::Text)]
        format: ListFormat,
    },
    /// Print why one message is held, its header, and its text as a reader sees it
    #[command(after_help = EXIT_STATUS)]
    Show {
        #[command(flatten)]
        postfix: PostfixConfig,
        /// The message, as the list names it
        #[arg(value_name = "ID")]
        id: HeldId,
    },
    /// Let messages go on to their recipients
    #[command(after_help = EXIT_STATUS)]
    Release(ChosenArguments),
    /// Remove messages
    #[command(after_help = EXIT_STATUS)]
    Delete(ChosenArguments),
    /// Send the list by mail, with the command that releases each; nothing where nothing is held
    #[command(after_help = EXIT_STATUS)]
    Digest {
        #[command(flatten)]
        common: Common,
        /// Whom the list goes to [default: postmaster]
        #[arg(long, value_name = "ADDR")]
        to: Option<Recipient>,
    },
}

#[derive(Args, Debug)]
pub(super) struct Common {
    #[command(flatten)]
    postfix: PostfixConfig,
    /// Only messages that arrived at least so long ago: 90m, 12h, 7d, 2w
    #[arg(long, value_name = "D")]
    older_than: Option<Age>,
}

#[derive(Args, Debug)]
pub(super) struct PostfixConfig {
    /// The folder of Postfix' main.cf, where it isn't the usual one
    #[arg(long, value_name = "DIR")]
    postfix_config: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(super) struct ChosenArguments {
    #[command(flatten)]
    common: Common,
    /// The messages, as the list names them
    #[arg(
        value_name = "ID",
        required_unless_present = "older_than",
        conflicts_with = "older_than"
    )]
    ids: Vec<HeldId>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum ListFormat {
    /// For people
    Text,
    /// One JSON object a message and line
    Json,
}

impl From<HeldCommand> for HeldOptions {
    fn from(command: HeldCommand) -> Self {
        match command {
            HeldCommand::List { common, format } => {
                common.with(held::Command::List(match format {
                    ListFormat::Text => Format::Text,
                    ListFormat::Json => Format::Json,
                }))
            }
            HeldCommand::Show { postfix, id } => Self {
                command: held::Command::Show(id),
                older_than: None,
                postfix_config: postfix.postfix_config,
            },
            HeldCommand::Release(arguments) => {
                let chosen = chosen(arguments.ids);
                arguments.common.with(held::Command::Release(chosen))
            }
            HeldCommand::Delete(arguments) => {
                let chosen = chosen(arguments.ids);
                arguments.common.with(held::Command::Delete(chosen))
            }
            HeldCommand::Digest { common, to } => common.with(held::Command::Digest(to)),
        }
    }
}

fn chosen(ids: Vec<HeldId>) -> Chosen {
    match ids.is_empty() {
        true => Chosen::Old,
        false => Chosen::Named(ids),
    }
}

impl Common {
    fn with(self, command: held::Command) -> HeldOptions {
        HeldOptions {
            command,
            older_than: self.older_than,
            postfix_config: self.postfix.postfix_config,
        }
    }
}
