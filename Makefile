# skafka: build, run, test. `make help` lists the targets.

SWIFT   ?= swift
PREFIX  ?= /usr/local
DESTDIR ?=
DATA    ?= $(CURDIR)/.build/data
LISTEN  ?= PLAINTEXT://localhost:9092
ARGS    ?=
LINKS   ?=
COUNT   ?= 10000000
SEED    ?= 1

RELEASE := .build/release/skafka
PYTHON  := .build/venv/bin/python3

# A debug build is strict everywhere, so that `check` and `test` share one set of objects.
STRICT       := --explicit-target-dependency-import-check error -Xswiftc -warnings-as-errors
BUILD_TESTS  := $(SWIFT) build --build-tests $(STRICT)
RUN_TESTS    := $(SWIFT) test --skip-build $(STRICT)
BUILD        := $(SWIFT) build -c release --static-swift-stdlib --product skafka

# The backtracer of the runtime may hang on a sanitizer's crash; memory out of proportion is a fault as well.
SANITIZED := SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0:hard_rss_limit_mb=3000

export BUILD_TESTS RUN_TESTS
export BUILD_RELEASE := $(BUILD)

.DEFAULT_GOAL := build
.PHONY: help build run check test conformance bench bench-tools bench-groups restart compaction dump startup fuzz tsan format man completions install clean prepare

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

build: prepare ## the release executable, .build/release/skafka
	$(BUILD)

run: build ## a broker on localhost:9092 with its data in .build/data
	@mkdir -p "$(DATA)"
	exec $(RELEASE) server-start --override log.dirs="$(DATA)" --override listeners=$(LISTEN) $(ARGS)

check: prepare ## format, warnings as errors, import walls, unit tests
	$(SWIFT) format lint --recursive --strict --parallel Package.swift Sources Tests
	$(BUILD_TESTS)
	timeout -k 10 300 $(RUN_TESTS) </dev/null

test: ## everything; the last line is `N passed, N failed`
	@timeout -k 10 600 .ci/prepare packages python disks zookeeper terminal
	@python3 Tests/all.py

conformance: build ## only the real clients, against the release executable: CASES=pattern LONG=1
	@.ci/prepare python disks zookeeper terminal
	$(PYTHON) Tests/Conformance/run.py $(if $(LONG),--long) $(CASES)

bench-tools: build ## the tools that send and read beside librdkafka's
	@python3 Tests/Benchmarks/tools.py
	@python3 Tests/Benchmarks/consume.py

bench: build ## throughput and latency beside what the machine can do
	@python3 Tests/Benchmarks/bench.py

bench-groups: build ## a rebalance of 100 members over 1,000 partitions, and the memory of idle groups
	@python3 Tests/Benchmarks/groups.py

restart: build ## seconds from a start to the first acknowledged record, after kill -9: 10,000 partitions, 10 GB
	@python3 Tests/Benchmarks/restart.py

compaction: build ## megabytes compacted a second, and what a producer feels of it: 2 GB, a million keys
	@python3 Tests/Benchmarks/compaction.py

startup: build ## milliseconds of a command from its start to its end, beside C
	@python3 Tests/Benchmarks/startup.py

dump: build ## how fast dump-log reads a segment of a gigabyte
	@python3 Tests/Benchmarks/dump.py

fuzz: prepare ## mutated frames under the address sanitizer: COUNT=10000000 SEED=1
	@.ci/prepare python
	$(SWIFT) build -c release --sanitize=address --scratch-path .build/asan --product fuzz
	$(SWIFT) build -c release --sanitize=address --scratch-path .build/asan --product skafka
	$(SANITIZED) .build/asan/release/fuzz --count $(COUNT) --seed $(SEED)
	$(SANITIZED) SKAFKA_BIN=.build/asan/release/skafka $(PYTHON) Tests/Conformance/fuzz_broker.py \
	    .build/asan/release/fuzz --count $$(($(COUNT) / 100)) --seed $(SEED)

tsan: prepare ## two minutes of mixed load under the thread sanitizer: LOAD_SECONDS=120
	@.ci/prepare python
	$(SWIFT) build -c release --sanitize=thread --scratch-path .build/tsan --product skafka
	SKAFKA_BIN=.build/tsan/release/skafka $(PYTHON) Tests/Benchmarks/tsan.py

format: ## rewrite the sources in the house format
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests

man: build ## write man/ from the executable's own tables
	$(RELEASE) generate man man

completions: build ## write completions/ for bash, zsh and fish
	$(RELEASE) generate completions completions

install: build ## PREFIX=/usr/local DESTDIR= LINKS=1 (also under the names of Kafka's scripts, kafka-topics.sh)
	install -D -m 755 $(RELEASE) "$(DESTDIR)$(PREFIX)/bin/skafka"
	for page in man/*.[157]; do [ ! -e "$$page" ] || \
	    install -D -m 644 "$$page" "$(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/}" || exit 1; done
	install -D -m 644 completions/skafka.bash "$(DESTDIR)$(PREFIX)/share/bash-completion/completions/skafka"
	install -D -m 644 completions/_skafka "$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_skafka"
	install -D -m 644 completions/skafka.fish "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/skafka.fish"
	$(if $(LINKS),for name in $$($(RELEASE) generate names); do \
	    path="$(DESTDIR)$(PREFIX)/bin/$$name"; \
	    if [ -e "$$path" ] && [ ! -L "$$path" ]; then echo "install: $$path is no link: left alone" >&2; continue; fi; \
	    ln -sf skafka "$$path" && \
	    ln -sf skafka "$(DESTDIR)$(PREFIX)/share/bash-completion/completions/$$name" && \
	    ln -sf skafka.fish "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/$$name.fish" || exit 1; done)

prepare:
	@.ci/prepare packages

clean: ## remove everything that was built
	rm -rf .build
