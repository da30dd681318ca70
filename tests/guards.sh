#!/usr/bin/env bash
# Removes the guards around mail-auth, the resolver and SPF, one after the other, on a copy of the tree, and
# shows which cases of the corpus then come out otherwise: exactly those that are named here.
#
#   tests/guards.sh            every guard
#   tests/guards.sh NAME...    these
#
# Exit 0: each removed guard makes its cases fail and no other. 1: one doesn't. 2: it could not be tried.
# The copy and its build stay in target/guards, so that a second run is quick.
set -euo pipefail
shopt -s inherit_errexit

root=$(cd "$(dirname "$0")/.." && pwd)
work=${CARGO_TARGET_DIR:-$root/target}/guards
tree=$work/tree
export CARGO_TARGET_DIR=$work/build CARGO_PROFILE_DEV_DEBUG=0 CARGO_TERM_COLOR=never RUST_BACKTRACE=0
wanted=("$@")
tried=0 wrong=0

die() {
    echo "guards: $*" >&2
    exit 2
}

# Only what a build reads, and with its times, so that cargo builds again what differs and nothing else.
fresh_copy() {
    mkdir -p "$tree"
    rm -rf "$tree/src" "$tree/tests"
    cp -a "$root/Cargo.toml" "$root/Cargo.lock" "$root/src" "$root/tests" "$tree/"
}

# Cases that came out otherwise, one a line.
failing() {
    local test=$1 output=$work/output line
    local of=(--test "$test")
    if [[ $test == lib ]]; then of=(--lib); fi
    if (cd "$tree" && cargo test --quiet "${of[@]}") >"$output" 2>&1; then
        return
    fi
    grep -q '^test result: FAILED' "$output" || die "a removed guard leaves nothing that builds, see $output"
    if [[ $test != corpus ]]; then
        echo "$test"
        return
    fi
    while IFS= read -r line; do
        if [[ -f $root/tests/corpus/$line.case ]]; then echo "$line"; fi
    done < <(sed -nE 's/^([a-z0-9-]+): .*/\1/p' "$output")
}

is_wanted() {
    local name
    [[ ${#wanted[@]} -eq 0 ]] && return
    for name in "${wanted[@]}"; do
        [[ $name == "$1" ]] && return
    done
    return 1
}

# guard NAME "CASE..." FILE SED-EXPRESSION [FILE SED-EXPRESSION]...
# A case that is the name of a test in tests/ stands for that test instead of the corpus, `lib` for those in
# the modules.
guard() {
    local name=$1 cases=$2 test=corpus file expected found
    shift 2
    is_wanted "$name" || return 0
    fresh_copy
    while (($#)); do
        file=$tree/$1
        sed -E -i "$2" "$file"
        if cmp -s "$file" "$root/$1"; then
            die "$name: the guard is not in $1 any more; look for it and correct this line"
        fi
        # Newer than the last build, whatever the clock of the original says.
        touch "$file"
        shift 2
    done
    if [[ -f $root/tests/$cases.rs || $cases == lib ]]; then test=$cases; fi
    expected=$(tr ' ' '\n' <<<"$cases" | sort)
    found=$(failing "$test" | sort)
    tried=$((tried + 1))
    if [[ -n $found && $found == "$expected" ]]; then
        printf '%-24s ok     %s\n' "$name" "$(tr '\n' ' ' <<<"$found")"
    else
        wrong=$((wrong + 1))
        printf '%-24s WRONG  fails: %s\n' "$name" "$(tr '\n' ' ' <<<"${found:-nothing}")"
        printf '%-24s        should fail: %s\n' '' "$(tr '\n' ' ' <<<"$expected")"
    fi
}

dkim=src/authenticate/dkim.rs
key=src/authenticate/key.rs
canonical=src/authenticate/canonical.rs
hash=src/authenticate/body_hash.rs
arc=src/authenticate/arc.rs
set=src/authenticate/arc/set.rs
tags=src/mail/tag_list.rs
spf=src/authenticate/spf/check_host.rs
record=src/authenticate/dmarc/record.rs
walk=src/authenticate/dmarc/walk.rs
evidence=src/proof.rs

printf '%-24s %-6s %s\n' 'removed guard' '' 'cases that fail without it'

# --- signatures
guard from-unsigned 'guard-from-unsigned' \
    $dkim 's/\.any\(\|name\| name\.eq_ignore_ascii_case\("from"\)\)/.any(|_| true)/'
guard rsa-sha1 'guard-rsa-sha1' \
    $dkim 's/if signature\.a == Algorithm::RsaSha1/if false \&\& signature.a == Algorithm::RsaSha1/'
guard key-testing 'guard-key-testing' \
    $key 's/Ok\(_\) if has_flag\("y"\) =>/Ok(_) if false \&\& has_flag("y") =>/'
guard key-service 'guard-key-service' \
    $key 's/!lists\("s", &\["\*", "email"\]\)/false/'
guard key-hash 'guard-key-hash' \
    $key 's/!lists\("h", &\["sha256"\]\)/false/'
guard key-revoked 'guard-key-revoked' \
    $key 's/Err\(Error::Dkim\(DkimError::RevokedPublicKey\)\) => .*//'
guard several-keys 'guard-several-keys' \
    $key 's/let \[record\] = records else/let [record, ..] = records else/'
guard weak-key 'guard-weak-key' \
    $key 's/Ok\(_\) if is_weak\(&tags\) =>/Ok(_) if false \&\& is_weak(\&tags) =>/'
guard future 'guard-future' \
    $dkim 's/if signature\.t > now\.saturating_add\(CLOCK_SKEW\)/if false/'
guard expired 'guard-expired' \
    $dkim 's/if signature\.x != 0 && signature\.x <= now/if false/'
guard version 'guard-version' \
    $dkim 's/if tags\.get\("v"\)\.as_deref\(\) != Some\("1"\)/if false/'
guard partial-body 'guard-partial-body' \
    src/authenticate.rs 's/AuthenticatedMessage::parse\(&header\)/AuthenticatedMessage::parse_with_opts(\&header, None, false)/'
guard lone-cr 'guard-lone-cr guard-lone-cr-relaxed guard-lone-cr-at-end dkim-lone-cr-relaxed dkim-lone-cr-simple' \
    $hash 's/self\.body\.push\(octets,/let text: Vec<u8> = octets.iter().enumerate().filter(|(at, octet)| **octet != 13 || octets.get(at + 1) == Some(\&10)).map(|(_, octet)| *octet).collect(); self.body.push(\&text,/'
guard blank-last-lines 'guard-blank-last-lines' \
    $canonical "s/b'.n' => \{/& if std::mem::take(\&mut self.gap.blanks) { self.begin_text(writer); }/"
guard own-header-form 'guard-lone-cr-header guard-form-feed-header dkim-lone-cr-header' \
    $canonical 's/None if Relaxed::is_blank\(octet\) =>/None if octet.is_ascii_whitespace() =>/'
guard unreadable-signature 'guard-unreadable-signature guard-partial-body' \
    $dkim 's/let mut found = unreadable\(parsed, terms\.max\);/let mut found: Vec<Signature> = Vec::new();/'
guard strange-selector 'guard-strange-selector espoofer-a03-nul-in-selector dns-strangers-signature-of-garbage' \
    $key 's/let selector = Domain::parse\(signature\.selector\(\)\)\.ok\(\)\?;/let selector = signature.selector();/'
guard duplicate-from 'guard-duplicate-from espoofer-client-a1-two-from-fields' \
    $dkim 's/^    "From",$//; s/\[&str; 8\]/[\&str; 7]/'
guard duplicate-sender 'guard-duplicate-sender' \
    $dkim 's/^    "Sender",$//; s/\[&str; 8\]/[\&str; 7]/'
guard duplicate-reply-to 'guard-duplicate-reply-to' \
    $dkim 's/^    "Reply-To",$//; s/\[&str; 8\]/[\&str; 7]/'
guard duplicate-to 'guard-duplicate-to' \
    $dkim 's/^    "To",$//; s/\[&str; 8\]/[\&str; 7]/'
guard duplicate-subject 'guard-duplicate-subject guard-arc-doubled-subject' \
    $dkim 's/^    "Subject",$//; s/\[&str; 8\]/[\&str; 7]/'
guard duplicate-date 'guard-duplicate-date guard-arc-doubled-date' \
    $dkim 's/^    "Date",$//; s/\[&str; 8\]/[\&str; 7]/'
guard duplicate-content-type 'guard-duplicate-content-type guard-arc-doubled-content-type' \
    $dkim 's/^    "Content-Type",$//; s/\[&str; 8\]/[\&str; 7]/'
guard duplicate-encoding 'guard-duplicate-content-transfer-encoding' \
    $dkim 's/^    "Content-Transfer-Encoding",$//; s/\[&str; 8\]/[\&str; 7]/'
guard several-from 'guard-duplicate-from guard-duplicate-from-spf espoofer-client-a1-two-from-fields espoofer-a08-two-from-fields espoofer-a09-blank-before-from espoofer-a10-blank-before-colon espoofer-a11-folded-field-name flood-before-a-name' \
    $evidence 's/if self\.several_from/if false/' \
    src/verdict/listed_author.rs 's/if claims\.several_from_fields/if false/'
guard signature-cap 'guard-thousand-signatures' \
    $dkim 's/let kept = max\.min\(parsed\.dkim_headers\.len\(\)\)/let kept = parsed.dkim_headers.len()/'
guard signature-order 'guard-thousand-signatures' \
    $dkim 's/\.sort_by_cached_key\(\|header\| distance\(&header\.header\)\)/.sort_by_cached_key(|_| 0)/'
guard unneeded-key 'dns-unneeded-key' \
    $dkim '/result: faulty\(signature, fault\),/{n;s/Some\(body\)/None/}'

# --- ARC
guard arc-doubled 'guard-arc-doubled-subject guard-arc-doubled-date guard-arc-doubled-content-type' \
    $arc 's/Some\(_\) if dkim::is_doubled\(message\)/Some(_) if false/'
guard arc-future 'guard-arc-future-seal guard-arc-future-signature' \
    $arc 's/times\.into_iter\(\)\.flatten\(\)\.all\(\|time\| time <= latest\)/latest > 0/'
guard arc-expired 'guard-arc-expired' \
    $arc 's/\.is_none_or\(\|at\| at > now\)/.is_none_or(|_| true)/'
guard arc-from-unsigned 'guard-arc-from-unsigned' \
    $arc 's/covers\("From"\)/(covers("From") || true)/'
guard arc-covers-itself 'guard-arc-covers-itself' \
    $arc 's/&& !set::FIELDS\.into_iter\(\)\.any\(covers\)//'
guard arc-partial-body 'guard-arc-partial-body' \
    $set 's/tags\.get\("l"\)\.is_none\(\)/true/'
guard arc-doubled-tag 'guard-arc-doubled-tag' \
    $tags 's/!is_name \|\| tags\.iter\(\)\.any\(.*\) \{$/!is_name {/'
guard arc-seal-covers 'guard-arc-seal-covers' \
    $set 's/if tags\.get\("h"\)\.is_some\(\)/if false/'
guard arc-first 'guard-arc-first-not-none' \
    $arc 's/0 => Validation::None/0 => set.seal.validation/'
guard arc-blank-name 'guard-arc-blank-name' \
    $set 's/fields\.filter\(move \|\(name, _\)\| name\.trim_ascii\(\)/fields.filter(move |(name, _)| name/'
guard arc-names 'guard-arc-names' \
    $set 's/if names\.clone\(\)\.nth\(MAX_NAMES\)\.is_some\(\)/if false/'
guard arc-pending 'guard-arc-stranger-pending' \
    $arc 's/SignatureFault::KeyUnreachable if sealers\.contains\(&signer\.domain\)/SignatureFault::KeyUnreachable/'
guard arc-body-first 'guard-arc-body-first' \
    $arc 's/AuthResult::Pass \| AuthResult::TempError\)/AuthResult::Pass)/'

# --- SPF
guard spf-several 'guard-spf-several guard-spf-several-include' \
    $spf 's/\(Some\(record\), None\) =>/(Some(record), _) =>/
/\(Some\(_\), Some\(_\)\) => Err\(Stop::Permanent\),/d'
guard spf-void 'guard-spf-void' \
    $spf 's/if self\.void_lookups > MAX_VOID_LOOKUPS/if false/'
guard spf-terms 'guard-spf-terms' \
    $spf 's/match self\.terms > MAX_TERMS/match false/'
guard spf-ptr-macro 'guard-spf-ptr-macro spf-ptr-unconfirmed' \
    $spf 's/if addresses\.contains\(&self\.sender\.ip\)/if true/'
guard spf-macro-name 'guard-spf-macro-name' \
    src/dns/servers.rs 's/\.map_err\(\|_\| Failure::NoSuchName\)/.map_err(|error| Failure::Temporary(error.to_string()))/' \
    src/authenticate/spf/macro_string.rs 's/is_askable\(name\)\.then\(/true.then(/'
guard spf-exists-needs-a 'spf-exists-needs-a spf-macro-any-character' \
    $spf 's/self\.addresses\(&target\.name, QueryType::A\)/self.addresses(\&target.name, QueryType::Aaaa)/'
guard spf-senders-failure 'spf-failure-of-the-senders-choice' \
    $spf 's/Stop::Temporary \{ \.\. \} if self\.is_senders/Stop::Temporary { .. } if false \&\& self.is_senders/'
guard spf-open 'spf-failure-not-in-the-way spf-failure-inside-an-include spf-failure-of-the-senders-choice' \
    $evidence 's/let is_settled = .*/let is_settled = false;/'

# --- the client behind a relay
trust=src/verdict/trust.rs
received=src/mail/received.rs
clause=src/mail/received/clause.rs
forms=src/mail/received/forms.rs
guard relay-networks 'relay-internal-host' \
    $trust 's/\.filter\(\|_\| envelope\.trace_fields == 0\)//'
guard relay-loopback 'relay-filter-genuine relay-filter-nothing-below' \
    $received 's/if hop\.ip\.is_loopback\(\) => \{\}/if false \&\& hop.ip.is_loopback() => {}/'
guard relay-client-name 'relay-client-name' \
    $trust 's/origin\.envelope\.client_name = None;//'
guard relay-tab 'relay-helo-tab' \
    $clause 's/let text = text\.trim_start_matches\(. .\);/let text = text.trim_start_matches([\x27 \x27, \x27\\t\x27]);/' \
    $clause 's/text\.split_once\(. .\)\.unwrap_or/text.split_once([\x27 \x27, \x27\\t\x27]).unwrap_or/'
guard relay-one-by 'relay-helo-by' \
    $clause 's/\(!has_by\(rest\)\)\.then_some/(true || !has_by(rest)).then_some/'
guard relay-address-told 'relay-helo-alone' \
    $forms 's/\[\] if clause\.rest\.contains\("\(Exim "\)/[]/'
guard relay-unreadable-ends 'relay-unreadable-ends' \
    $received 's/Trace::Unreadable => break,/Trace::Unreadable => {}/'

# --- DMARC
guard dmarc-several 'guard-dmarc-several guard-dmarc-several-malformed dmarc-several-everywhere' \
    $record 's/^        Some\(_\) => None,/        Some(_) => Dmarc::parse(first).ok(),/'
guard dmarc-version 'guard-dmarc-several-malformed' \
    $record 's/filter\(\|record\| is_dmarc\(record\)\)/filter(|record| Dmarc::parse(record).is_ok())/'
guard organization 'guard-organization-tenant guard-organization-tenant-spf' \
    $evidence 's/Some\(found\) if found\.domain\.as_ref\(\) == organizational/Some(_)/'
guard registry-mark 'guard-registry-mark' \
    $walk 's/Psd::Yes if \*last != start/Psd::Yes if false/'

# --- the operator's word
guard may-prove 'guard-may-prove-sibling guard-may-prove-sibling-spf guard-registry-parent' \
    src/verdict/trust.rs 's/author\.is_within\(trusted\) && identifier\.is_within\(trusted\)/author.is_within(trusted)/'
guard registry-parent 'guard-registry-parent' \
    src/verdict/trust.rs 's/ && psl::suffix_str\(name\) != Some\(name\)//'

# --- the forwarder's excuses, and what is hidden behind a bound
guard prize-forwarded 'claim-prize-forwarded' \
    src/verdict/disowned_prize.rs 's/let unknown = origin\.via_forwarder$/let unknown = false/'
guard forwarded-defer 'lib' \
    src/verdict/policy.rs 's/Action::Defer if judgement\.reasons\.contains\(&Reason::Forwarder\) => Action::Tag,//'
guard hidden-blank 'lib' \
    src/mail/message.rs 's/self\.name\.trim_ascii\(\)\.eq_ignore_ascii_case/self.name.eq_ignore_ascii_case/'
# --- mailing lists
guard list-owner 'guard-list-single-label guard-list-suffix-forged' \
    src/claim/mailing_list.rs 's/brand\.owner_of\(&host\)\?/brand.owner_of(\&host).unwrap_or_else(|| host.clone())/'
guard list-tenant 'guard-list-tenant' \
    src/proof/list_host.rs 's/\(_, Some\(true\)\) => \(false, None\)/(_, Some(true)) if false => (false, None)/; s/\(AuthResult::Pass, None\)/(AuthResult::Pass, None | Some(true))/'
guard list-proof 'list-named-elsewhere' \
    src/proof/list_host.rs 's/\.filter\(\|one\| one\.is_within\(owner\)\)/.filter(|_| true)/'

# --- DNS
guard deadline 'guard-deadline' \
    $spf 's/timeout_at\(self\.deadline, answer\)/timeout_at(self.deadline + std::time::Duration::from_secs(2), answer)/'
guard lame 'dns-key-lame dns-spf-lame dns-spf-include-lame' \
    src/dns/servers.rs 's/^( +)if nothing\.soa\.is_none\(\)$/\1if false/'
guard strangers-error 'forged-strangers-servfail dns-strangers-signature-of-garbage list-named-servfail' \
    $evidence 's/AuthResult::TempError => self != Self::No/AuthResult::TempError => true/'
guard second-server 'resolver' \
    src/dns/servers.rs 's/for other in &self\.others \{/for other in self.others.iter().take(0) {/'
guard failure-is-no-answer 'resolver' \
    src/dns/servers.rs 's/other => Failure::Temporary\(other\.to_string\(\)\)/_ => Failure::NoData/'
guard unknown-organization 'matrix' \
    $evidence 's/let open = known\.is_some_and/let open = false \&\& known.is_some_and/'
guard only-names-nearby 'matrix' \
    src/proof/alignment.rs 's/common\.count\(\) >= 2/common.count() >= 1/'
guard stale-key 'stale' \
    $key 's/true => SignatureFault::KeyUnreachable,/true => SignatureFault::Invalid,/'
guard stale-record 'stale' \
    src/authenticate/spf.rs 's/result if is_stale && /result if false \&\& is_stale \&\& /'
guard answers-the-question 'dns_matrix' \
    src/dns/answering.rs 's/Ok\(response\) if !answers\(&response\)/Ok(response) if false \&\& !answers(\&response)/'
guard same-spelling 'authres' \
    src/report/authentication_results.rs 's/Ok\(name\) => Some\(name\.to_string\(\)\)/Ok(_) => Some(id.to_ascii_lowercase())/'

((tried)) || die "no guard is called so: ${wanted[*]}"
printf '%d guards, %d wrong\n' "$tried" "$wrong"
((wrong == 0))
