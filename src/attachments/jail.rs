//! What a reader of files may not do: nearly everything.
//!
//! The order matters. Landlock opens a file, so it comes before the limit of open files; the filter of
//! system calls comes last, since it forbids what sets up the others.

use landlock::{
    ABI, Access, AccessFs, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetStatus, Scope,
};
use rustix::process::{Resource, Rlimit, setrlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};
use std::{collections::BTreeMap, error::Error, fs};

/// Address space, octets: what the program itself maps is within it.
pub(super) const MEMORY: u64 = 192 << 20;
/// Seconds of processor time.
const SECONDS: u64 = 1;

/// Locks this process in, for good.
///
/// # Errors
///
/// The kernel lacks Landlock or seccomp, or something forbids to use them. The process must not open a file
/// of a stranger's then.
pub(super) fn enter() -> Result<(), Box<dyn Error + Send + Sync>> {
    // Where memory runs out, the reader goes first. What can't be raised leaves the kernel its own choice.
    let _ = fs::write("/proc/self/oom_score_adj", "1000");
    has_room()?;
    no_files()?;
    bounds()?;
    few_calls()
}

/// An allocator that set address space aside before the limit could use all of that, limit or not.
fn has_room() -> Result<(), Box<dyn Error + Send + Sync>> {
    const MOST: u64 = MEMORY / 2;
    const PAGE: u64 = 4096;
    let sizes = fs::read_to_string("/proc/self/statm")?;
    let pages: u64 = sizes.split(' ').next().unwrap_or_default().parse()?;
    match pages * PAGE < MOST {
        true => Ok(()),
        false => Err("the allocator holds more address space than a reader may use".into()),
    }
}

/// No file, no socket, no signal to others.
fn no_files() -> Result<(), Box<dyn Error + Send + Sync>> {
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(ABI::V1))?
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(ABI::V5))?
        .handle_access(landlock::AccessNet::from_all(ABI::V4))?
        .scope(Scope::from_all(ABI::V6))?
        .create()?
        .restrict_self()?;
    match status.ruleset {
        RulesetStatus::NotEnforced => Err("the kernel doesn't enforce Landlock".into()),
        RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced => Ok(()),
    }
}

fn bounds() -> Result<(), Box<dyn Error + Send + Sync>> {
    for (resource, most) in [
        (Resource::As, MEMORY),
        (Resource::Cpu, SECONDS),
        (Resource::Core, 0),
        (Resource::Nproc, 0),
        (Resource::Nofile, 0),
    ] {
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, limit)?;
    }
    Ok(())
}

/// Reads, writes, asks for memory and ends. Any other call is refused: allocator and C library make some whose
/// failure they pass over (a name for memory, in which processor's neighbourhood it lies), others in each version.
fn few_calls() -> Result<(), Box<dyn Error + Send + Sync>> {
    let any = [
        libc::SYS_read,
        libc::SYS_pread64,
        libc::SYS_write,
        libc::SYS_close,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_madvise,
        libc::SYS_brk,
        libc::SYS_futex,
        libc::SYS_clock_gettime,
        libc::SYS_getrandom,
        libc::SYS_sched_yield,
        libc::SYS_sigaltstack,
        libc::SYS_rt_sigreturn,
        libc::SYS_exit,
        libc::SYS_exit_group,
    ];
    let mut calls: BTreeMap<i64, Vec<SeccompRule>> =
        any.into_iter().map(|call| (call, Vec::new())).collect();
    const EPERM: u32 = 1;
    // Memory that is never run.
    const EXEC: u64 = 4;
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        let never = SeccompCmpOp::MaskedEq(EXEC);
        let condition = SeccompCondition::new(2, SeccompCmpArgLen::Dword, never, 0)?;
        calls.insert(call, vec![SeccompRule::new(vec![condition])?]);
    }
    let machine = TargetArch::try_from(std::env::consts::ARCH)?;
    let filter = SeccompFilter::new(
        calls,
        SeccompAction::Errno(EPERM),
        SeccompAction::Allow,
        machine,
    )?;
    let program = BpfProgram::try_from(filter)?;
    seccompiler::apply_filter(&program)?;
    Ok(())
}
