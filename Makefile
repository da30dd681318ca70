# Everything that is done with this source, by name; `make` alone lists it.

CARGO ?= $(or $(shell command -v cargo),$(wildcard $(HOME)/.cargo/bin/cargo),cargo)
export CARGO

# Postfix' master starts as root only, so the programs that use it are run by sudo where one is not.
ROOT := $(shell [ "$$(id -u)" = 0 ] || echo --config "\"target.'cfg(unix)'.runner=['sudo','-E']\"")

# Test programs tell how long each test took, which they count as unstable.
TIMED := --config "target.'cfg(unix)'.runner=[$(shell [ "$$(id -u)" = 0 ] || echo "'sudo','-E',")'env','RUSTC_BOOTSTRAP=1']"

# Every login shell sets MAIL to the user's mailbox: what counts is the word on the command line.
ifeq ($(origin MAIL),command line)
DEMO_MAIL := $(MAIL)
endif
export DEMO_MAIL CLIENT_IP CLIENT_NAME MAIL_FROM DNS

.PHONY: help build deb dist image demo check test guards hostile compare bench bench-against scaling worst names instructions conformance lookalikes fuzz load soak deny lint \
  simulate planted mutants coverage reference clean tools postfix browser

help:
	@echo 'make build   the program, optimised: target/release/amazon-spoof-milter'
	@echo 'make deb     the Debian package: target/package/debian/*.deb'
	@echo 'make dist    what a release consists of, in target/dist: package, SBOM (CycloneDX), sums; of a commit'
	@echo 'make image   a container image, 15 MB at most, without a daemon: target/image/oci, and its digest'
	@echo 'make demo    see it at work: DNS, milter, a private Postfix, six mails and their fate'
	@echo '             KEEP=1 leaves it running; MAIL=file.eml sends your own; DEMO_HELP=1 lists more'
	@echo 'make check   the quick check while editing: format, clippy, unit tests, corpus; no root, no download'
	@echo 'make test    all tests, through a real Postfix too (root or sudo)'
	@echo 'make simulate SEED=7 MESSAGES=10000   the whole program on one thread, from a seed; SEEDS=9 takes as many'
	@echo 'make planted   plants faults in a copy, one after the other, and sees the simulator find them (long)'
	@echo 'make mutants SEED=7 FROM=0 COUNT=50   changes the core in so many places and sees tests notice (cargo-mutants)'
	@echo 'make coverage   lines of the core that tests ran (rustup component add llvm-tools)'
	@echo 'make guards  removes each guard around the libraries and sees its cases fail (long)'
	@echo 'make compare OLD=program   judges corpus, generated mail and PATHS with another build, reports differences'
	@echo 'make bench   what judging a message costs, as tables; BENCH="--rounds 3 genuine" measures less'
	@echo 'make bench-against OLD=program   the lines over the milter protocol, two builds in turn'
	@echo 'make scaling   1, 2 and 3 instances behind HAProxy beside what docs/scaling.md predicts, and what a shared'
	@echo '             history costs an answer; SCALING="--seconds 10" measures longer'
	@echo 'make worst   what a message can be made to cost: the ten dearest of thousands; WORST=word picks lines'
	@echo 'make names   how many of 2,000 disguised names are found, and of 2,000 honest ones hurt; SEED=7 draws others,'
	@echo '             SHOW=1 prints each miss'
	@echo 'make instructions   counts what must not grow, against what is committed (valgrind)'
	@echo 'make conformance   public suites of SPF, DKIM, DMARC and ARC, from PyPI, and 2000 random SPF zones'
	@echo '             beside pyspf: docs/conformance.md; ZONES=5000 takes more'
	@echo 'make lookalikes   one-step variations of the domains, by dnstwist from PyPI: how many are found'
	@echo 'make hostile  5,000 broken files, 40 bombs and 200 from one network, to readers of files; SHOW=1 lists bombs'
	@echo 'make fuzz    hostile input: TARGET=body SECONDS=120; without TARGET each in turn (cargo-fuzz)'
	@echo 'make load    10,000 messages while the filter is killed, restarted, reloaded and without DNS;'
	@echo '             again with two instances behind HAProxy, and with three that are replaced one after another'
	@echo '             while their shared history fails; 10,000 connections torn anywhere'
	@echo 'make soak    SOAK_MESSAGES=500000 as fast as they go: memory and open files stay flat'
	@echo 'make deny    licences, sources, duplicates and advisories of what this depends on (cargo-deny)'
	@echo 'make lint    format and clippy, warnings denied'
	@echo 'make reference  what is written of configuration and metrics, from the tables in the code'
	@echo 'make clean   removes what was built, and the unpacked Postfix'

tools:
	@sh tests/install-tools.sh

postfix:
	@sh tests/install-postfix.sh >/dev/null

browser:
	@sh tests/install-browser.sh

# Where this is a checkout, the program tells in `build_info` of which commit.
REVISION = $(or $(shell git ls-files --error-unmatch Makefile >/dev/null 2>&1 && \
  git describe --always --dirty --exclude '*'),unknown)

build: tools
	BUILD_REVISION=$(REVISION) $(CARGO) build --release --locked

deb: build
	@sh deploy/debian/build.sh

# IMAGE=archive sums the archive of an image with the others.
dist: tools
	@sh deploy/dist.sh $(IMAGE)
# Equal digests need equal programs: without a time in the C code, and without the names of this machine's folders.
IMAGE_MOST := 15000000
image: tools
	SOURCE_DATE_EPOCH=$(or $(SOURCE_DATE_EPOCH),$(shell git log -1 --format=%ct 2>/dev/null || echo 0)) BUILD_REVISION=$(REVISION) \
	  $(CARGO) build --release --locked
	@BUILD_REVISION=$(REVISION) sh deploy/image/build.sh
	@octets=$$(find target/image/oci/blobs -type f -exec cat {} + | wc -c); [ $$octets -le $(IMAGE_MOST) ] || \
	  { echo "make image: the image has $$octets octets, more than $(IMAGE_MOST)" >&2; exit 1; }

demo: tools postfix
	@[ "$$(id -u)" = 0 ] || command -v sudo >/dev/null || \
	  { echo 'make demo: Postfix starts as root only: run this as root, or install sudo' >&2; exit 1; }
	@[ "$$(id -u)" = 0 ] || echo 'make demo: Postfix starts as root only: the demonstration runs by sudo'
	@echo 'make demo: building (the first time takes some minutes)'
	@$(CARGO) build --locked --bins --example demo
	@$(CARGO) $(ROOT) run --quiet --locked --example demo -- $(if $(DEMO_HELP),--help) $(if $(KEEP),--keep) \
	  --mail "$$DEMO_MAIL" --client-ip "$$CLIENT_IP" --client-name "$$CLIENT_NAME" \
	  --mail-from "$$MAIL_FROM" --dns "$$DNS"

# Nothing is installed or fetched for it, and nothing started as root.
check:
	@tests/check.sh

test: tools postfix browser
	@[ "$$(id -u)" = 0 ] || echo 'make test: Postfix starts as root only: the test programs run by sudo'
	$(CARGO) build --locked --examples
	@tests/slowest.sh $(CARGO) $(TIMED) test --locked --no-fail-fast --lib --bins --tests -- \
	  -Zunstable-options --report-time
	$(CARGO) test --locked --doc

guards: tools
	tests/guards.sh

# What is found is told with the seed and the epoch in which it can be seen again; SHOW=1 shows every event.
simulate: tools
	SEED=$(or $(SEED),1) SEEDS=$(or $(SEEDS),1) MESSAGES=$(or $(MESSAGES),10000) $(if $(EPOCH),EPOCH=$(EPOCH)) \
	  $(CARGO) test --profile quick --locked --test simulation -- --exact --nocapture what_is_right_comes_out_whatever_happens

planted: tools
	tests/simulation/planted.sh

mutants: tools
	tests/mutants.sh $(or $(SEED),1) $(or $(FROM),0) $(or $(COUNT),50) $(ROOMS)

coverage: tools
	tests/coverage.sh

# NEW is another program than the one of this source. PATHS: folders of mail or cases, lists (tests/compare/README.md).
ACCEPTED ?= tests/compare/accepted.tsv
compare: tools
	@[ -x '$(OLD)' ] || { echo 'make compare: OLD has to be a program: make compare OLD=path/to/amazon-spoof-milter' >&2; exit 2; }
	$(CARGO) build --locked --profile quick $(if $(NEW),,--bin amazon-spoof-milter) --example compare-versions
	@target/quick/examples/compare-versions '$(OLD)' '$(or $(NEW),target/quick/amazon-spoof-milter)' \
	  $(if $(ACCEPTED),--accepted '$(ACCEPTED)') $(if $(SEED),--seed $(SEED)) $(if $(GENERATE),--generate $(GENERATE)) $(PATHS)

# The protocol is measured beside a filter in C, for which libmilter's headers are needed.
bench: tools
	@[ -e /usr/include/libmilter/mfapi.h ] || tests/unpack.sh milter-pkg libmilter-dev >/dev/null
	$(CARGO) bench --locked --bench inspection
	$(CARGO) bench --locked --bench conversation -- $(BENCH)

bench-against: tools
	@[ -x '$(OLD)' ] || { echo 'make bench-against: OLD has to be a program: make bench-against OLD=path/to/amazon-spoof-milter' >&2; exit 2; }
	$(CARGO) bench --locked --bench conversation -- --against '$(abspath $(OLD))' $(if $(NEW),--program '$(abspath $(NEW))') $(BENCH)

scaling: tools
	$(CARGO) bench --locked --bench scaling -- $(SCALING)
	$(CARGO) bench --locked --bench scaling -- $(SCALING) history

# Processor time over thousands of hostile inputs, some minutes; docs/performance.md says what is aimed at.
worst: tools
	$(CARGO) bench --locked --bench worst -- $(WORST)

# tests/names/README.md says where the names are from.
names: tools
	@$(CARGO) run --quiet --locked --example names -- $(SEED) $(if $(SHOW),--show)

instructions: tools
	tests/instructions.sh

# No part of the tests: the suites come from PyPI. What can't be fetched is left out and named.
CONFORMANCE := $(or $(CARGO_TARGET_DIR),target)/conformance
ZONES ?= 2000
conformance: tools
	$(CARGO) build --release --locked --bins --example zone-server
	@[ -x $(CONFORMANCE)/venv/bin/python ] || python3 -m venv $(CONFORMANCE)/venv || \
	  { echo 'make conformance: Python has no venv here: apt-get install python3-venv' >&2; exit 1; }
	@for package in pyyaml authres dkimpy pynacl; do \
	  $(CONFORMANCE)/venv/bin/pip --quiet install $$package || echo "make conformance: $$package can't be had" >&2; \
	done
	ARC_CASES=$(abspath $(CONFORMANCE))/arc $(CARGO) test --quiet --locked --test arc
	PYTHONDONTWRITEBYTECODE=1 $(CONFORMANCE)/venv/bin/python tests/conformance/conformance.py --binaries $(or $(CARGO_TARGET_DIR),target)/release \
	  --work $(CONFORMANCE) --zones $(ZONES) --write docs/conformance.md

LOOKALIKES := $(or $(CARGO_TARGET_DIR),target)/lookalikes
lookalikes:
	$(CARGO) build --release --locked --bins
	@[ -x $(LOOKALIKES)/venv/bin/python ] || python3 -m venv $(LOOKALIKES)/venv || \
	  { echo 'make lookalikes: Python has no venv here: apt-get install python3-venv' >&2; exit 1; }
	@$(LOOKALIKES)/venv/bin/pip --quiet install dnstwist==20250130
	PYTHONDONTWRITEBYTECODE=1 python3 tests/permutations.py $(or $(CARGO_TARGET_DIR),target)/release/amazon-spoof-milter \
	  $(LOOKALIKES)/venv/bin/dnstwist

# The fuzzer's flags are unstable ones; RUSTC_BOOTSTRAP lets the stable compiler take them.
FUZZ_TARGETS := $(basename $(notdir $(wildcard tests/fuzz/fuzz_targets/*.rs)))
SECONDS ?= 120
RUSTC ?= $(or $(shell command -v rustc),$(dir $(CARGO))rustc)
FUZZ = RUSTC_BOOTSTRAP=1 $(CARGO) fuzz run --fuzz-dir tests/fuzz --sanitizer $(or $(SANITIZER),none)

fuzz:
	@$(CARGO) fuzz --version >/dev/null 2>&1 || \
	  { echo 'make fuzz: cargo-fuzz is missing: cargo install cargo-fuzz --locked' >&2; exit 1; }
	@mkdir -p tests/fuzz/target
	@CARGO_MANIFEST_DIR='$(CURDIR)' $(RUSTC) --edition 2024 -o tests/fuzz/target/seeds tests/fuzz/seeds_main.rs
	@set -e; for target in $(or $(TARGET),$(FUZZ_TARGETS)); do \
	  tests/fuzz/target/seeds $$target tests/fuzz/corpus/$$target; \
	  $(FUZZ) $$target -- -max_total_time=$(SECONDS) -timeout=10 -rss_limit_mb=2048 \
	    -dict=tests/fuzz/mail.dict -print_final_stats=1; \
	done

# Loads that `make test` has in small. Their figures are printed; docs/reliability.md has those that were seen.
load: tools postfix
	LOAD_MESSAGES=10000 BALANCED_MESSAGES=10000 FLEET_MESSAGES=10000 \
	  $(CARGO) $(ROOT) test --locked --test load -- --nocapture --test-threads=1 --skip soak::
	TORN=10000 $(CARGO) $(ROOT) test --locked --test dialogs -- --nocapture torn

SOAK_MESSAGES ?= 500000
soak: tools
	SOAK_MESSAGES=$(SOAK_MESSAGES) \
	  $(CARGO) test --release --locked --test load -- --nocapture soak::

# No part of the tests: building cargo-deny takes some minutes, and the advisories are fetched from GitHub.
deny:
	@$(CARGO) deny --version >/dev/null 2>&1 || $(CARGO) install cargo-deny --locked
	$(CARGO) deny --locked check $(DENY)

# What make test has in small; optimised, as the program is that meets such files.
hostile: tools
	MUTATED=5000 FLOOD=200 $(CARGO) test --locked --profile quick --test attachments hostile:: -- --nocapture --test-threads=1

lint:
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings

reference:
	WRITE_REFERENCE=1 $(CARGO) test --locked --test operator --test monitoring reference::

clean:
	$(CARGO) clean
