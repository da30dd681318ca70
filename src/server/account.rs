//! The account of the service, whose eyes root takes to see what the service will see.

use rustix::{
    process::geteuid,
    thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid},
};
use std::{fs, io};

/// As the package makes it.
const NAME: &str = "amazon-spoof-milter";

/// Makes this thread act as the account of the service where it is root's and there is such an
/// account. What it may read and write is then what the service may.
///
/// # Errors
///
/// Where root may not do that here.
pub fn take_on() -> io::Result<()> {
    if !geteuid().is_root() {
        return Ok(());
    }
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let Some((user, group)) = user(&users) else {
        return Ok(());
    };
    let groups = fs::read_to_string("/etc/group").unwrap_or_default();
    let further: Vec<_> = groups_of(&groups).map(rustix::fs::Gid::from_raw).collect();
    let (user, group) = (
        rustix::fs::Uid::from_raw(user),
        rustix::fs::Gid::from_raw(group),
    );
    set_thread_groups(&further)?;
    set_thread_res_gid(group, group, group)?;
    set_thread_res_uid(user, user, user)?;
    Ok(())
}

/// The numbers of user and group in the text of passwd(5).
fn user(users: &str) -> Option<(u32, u32)> {
    let line = users
        .lines()
        .find(|line| line.split(':').next() == Some(NAME))?;
    let mut numbers = line.split(':').skip(2).map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// The numbers of the groups in the text of group(5) that the account was added to.
fn groups_of(groups: &str) -> impl Iterator<Item = u32> {
    groups.lines().filter_map(|line| {
        let mut fields = line.split(':').skip(2);
        let number = fields.next()?.parse().ok()?;
        let mut members = fields.next()?.split(',');
        members.any(|member| member == NAME).then_some(number)
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_account_is_found_with_its_groups() {
        let users = "root:x:0:0:root:/root:/bin/bash\n\
                     amazon-spoof-milter-2:x:7:7::/:/bin/sh\n\
                     amazon-spoof-milter:x:998:997:Milter:/:/usr/sbin/nologin\n";
        assert_eq!(user(users), Some((998, 997)));
        assert_eq!(user("root:x:0:0:root:/root:/bin/bash\n"), None);
        let groups = "root:x:0:\npostfix:x:104:jane,amazon-spoof-milter\n\
                      amazon-spoof-milter:x:997:\nmail:x:8:amazon-spoof-milter-2\n";
        assert_eq!(groups_of(groups).collect::<Vec<_>>(), [104]);
    }
}
