//! Entries for systemd-journald in its native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): one
//! datagram an entry, `FIELD=value` a line.
//!
//! The crate that speaks it, tracing-journald, sends from the thread that logs: where journald hangs,
//! mail would.

use crate::report::printable::printable;
use std::{
    fmt::{self, Debug, Write as _},
    io,
    os::unix::net::UnixDatagram,
    path::{Path, PathBuf},
};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{
        FmtContext,
        format::{FormatEvent, FormatFields, Writer},
    },
    registry::LookupSpan,
};

/// Where journald receives.
pub(super) const SOCKET: &str = "/run/systemd/journal/socket";

/// The name that `journalctl -t` knows.
const IDENTIFIER: &str = env!("CARGO_PKG_NAME");

/// Before our own field names, as `MILTER_VERDICT`.
const PREFIX: &str = "MILTER_";

/// Takes each entry by one call to `write`.
pub(super) struct Journal {
    socket: UnixDatagram,
    path: PathBuf,
}

impl Journal {
    /// Opens the way to the socket at `path`.
    ///
    /// # Errors
    ///
    /// Where nobody receives there.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let socket = UnixDatagram::unbound()?;
        socket.connect(path)?;
        // Not connected for good: journald may be started anew.
        Ok(Self {
            socket: UnixDatagram::unbound()?,
            path: path.to_owned(),
        })
    }
}

impl io::Write for Journal {
    fn write(&mut self, entry: &[u8]) -> io::Result<usize> {
        self.socket.send_to(entry, &self.path)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Renders an event as an entry.
pub(super) struct Entry;

impl<S, N> FormatEvent<S, N> for Entry
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);
        // sd-daemon(3).
        let priority = match *event.metadata().level() {
            Level::ERROR => 3,
            Level::WARN => 4,
            Level::INFO => 6,
            _ => 7,
        };
        let Fields { message, own, text } = fields;
        write!(
            writer,
            "PRIORITY={priority}\nSYSLOG_IDENTIFIER={IDENTIFIER}\nMESSAGE={message}{text}\n{own}"
        )
    }
}

#[derive(Default)]
struct Fields {
    message: String,
    /// Our own fields, a line each.
    own: String,
    /// The same behind the message, for people.
    text: String,
}

impl Fields {
    /// A value is one line: what would end it is escaped.
    fn add(&mut self, field: &Field, shown: &str, value: &str) {
        let value = printable(value);
        if field.name() == "message" {
            self.message = value;
            return;
        }
        let name = field.name().to_ascii_uppercase().replace('.', "_");
        let _ = writeln!(self.own, "{PREFIX}{name}={value}");
        let _ = write!(self.text, " {}={}", field.name(), printable(shown));
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let value = format!("{value:?}");
        self.add(field, &value, &value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, &format!("{value:?}"), value);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::log::queue::Queue;
    use std::{io::Write as _, time::Duration};

    /// Stands in for journald: its protocol is one datagram an entry.
    fn receiver(test: &str) -> (UnixDatagram, PathBuf) {
        let name = format!("spoof-milter-journal-{}-{test}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_file(&path);
        let socket = UnixDatagram::bind(&path).unwrap();
        let patience = Duration::from_secs(30);
        socket.set_read_timeout(Some(patience)).unwrap();
        (socket, path)
    }

    #[test]
    fn an_entry_is_one_datagram_with_a_field_a_line() {
        let (socket, path) = receiver("entry");
        let journal = Journal::open(&path).unwrap();
        let (queue, _drain) = Queue::start(journal, Box::new(|| {})).unwrap();
        let subscriber = tracing_subscriber::fmt()
            .event_format(Entry)
            .with_writer(queue)
            .finish();
        tracing::subscriber::with_default(subscriber, || {
            tracing::warn!(
                queue_id = "4F\n5",
                applied = true,
                milliseconds = 1.5,
                error = %"a\u{1b}b\nPRIORITY=0",
                "something"
            );
        });
        let mut buffer = [0; 4096];
        let length = socket.recv(&mut buffer).unwrap();
        std::fs::remove_file(path).unwrap();
        assert_eq!(
            String::from_utf8_lossy(buffer.get(..length).unwrap()),
            "PRIORITY=4\nSYSLOG_IDENTIFIER=amazon-spoof-milter\n\
             MESSAGE=something queue_id=\"4F\\n5\" applied=true milliseconds=1.5 \
             error=a\\u{1b}b\\nPRIORITY=0\n\
             MILTER_QUEUE_ID=4F\\n5\nMILTER_APPLIED=true\nMILTER_MILLISECONDS=1.5\n\
             MILTER_ERROR=a\\u{1b}b\\nPRIORITY=0\n"
        );
    }

    #[test]
    fn where_nobody_receives_it_is_said_at_the_start() {
        assert!(Journal::open(Path::new("/nonexistent/socket")).is_err());
        // Somebody was there, and is gone.
        let (socket, path) = receiver("gone");
        let mut journal = Journal::open(&path).unwrap();
        drop(socket);
        assert!(journal.write_all(b"MESSAGE=x\n").is_err());
        let _ = std::fs::remove_file(path);
    }
}
